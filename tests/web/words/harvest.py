"""What the page's source says: the sentences handed to `say`, and the words that are not."""

import ast
import re
from pathlib import Path

import jinja2
from jinja2.ext import extract_from_ast

import sharpcli.web
from sharpcli.web.words.scripts import said

WEB = Path(sharpcli.web.__file__).parent
LENT = ("batch/dispatch.py", "compare/sheet.py", "live/governor.py", "live/steps.py")
"""Files of other rooms that the page lends its `say` to."""
SHOWN = {"label", "info", "placeholder", "title", "desc", "submit_btn", "stop_btn"}
"""Settings of components that visitors read."""
LABELLED = {"Tab", "TabItem", "Accordion", "Button", "DownloadButton", "UploadButton", "Markdown", "HTML"}
"""Components whose first argument visitors read."""
RAISED = {"SharpError", "ImageError", "Error", "Warning", "Info"}
PROSE = re.compile(r"[A-Za-z]{2,}[,;:]? [A-Za-z]{2,}")
LETTERS = re.compile(r"[A-Za-z]{2,}")
TAGS = re.compile(r"<[^>]*>|&\w+;|^[^<]*>|<[^>]*$")
"""Whole ones, and in a part of an f-string also the end of one and the beginning of one."""
SPOKEN_ATTRIBUTES = re.compile(r'\b(?:aria-label|alt|title|placeholder)="([^"{]*[A-Za-z]{2,}[^"{]*)"')
SCRIPT_STRINGS = re.compile(r'(say\(\s*)?(["`])((?:(?!\2)[^\\\n])*)\2')


def files(*endings):
    """The page's source, without the browser edition, which is built into it and speaks English only."""
    return [path for path in sorted(WEB.rglob("*")) if path.name.endswith(endings) and WEB / "edge" not in path.parents]


def name(path):
    """A file of the page's as the tests list it."""
    return path.relative_to(WEB).as_posix()


def all_said():
    """Every sentence that the page says."""
    found = set()
    for path in [*files(".py"), *(WEB.parent / name for name in LENT)]:
        found |= set(in_python(path.read_text("utf-8"))[0])
    for path in files(".html.j2"):
        found |= set(in_template(path.read_text("utf-8"))[0])
    for path in files(".js"):
        found |= set(said(path.read_text("utf-8")))
    return found


def in_python(source):
    """The sentences that a module says, what is wrong with how it says them, and the words that it does not say."""
    tree = ast.parse(source)
    sentences, wrong, silent = [], [], []
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }

    def visit(node, inside, spoken=False):
        if isinstance(node, ast.Call) and called(node) == "say":
            if not (node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)):
                wrong.append(f"line {node.lineno}: not a literal")
            else:
                sentences.append(node.args[0].value)
                given = {keyword.arg for keyword in node.keywords}
                if None not in given and given != braces(node.args[0].value):
                    wrong.append(f"line {node.lineno}: {node.args[0].value!r} and {sorted(given)}")
                if not inside:
                    wrong.append(f"line {node.lineno}: {node.args[0].value!r} is said before there is a visitor")
            for keyword in node.keywords:
                visit(keyword.value, inside)
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            text = TAGS.sub(" ", node.value)
            if LETTERS.search(text) if spoken else PROSE.search(text):
                silent.append(node.value)
        if isinstance(node, ast.Call):
            heads = LABELLED | RAISED
            for number, argument in enumerate(node.args):
                visit(argument, inside, spoken=number == 0 and called(node) in heads)
            for keyword in node.keywords:
                visit(keyword.value, inside, spoken=keyword.arg in SHOWN)
            visit(node.func, inside)
            return
        deeper = inside or isinstance(node, ast.FunctionDef | ast.Lambda | ast.AsyncFunctionDef)
        for child in ast.iter_child_nodes(node):
            visit(child, deeper, spoken and isinstance(node, ast.JoinedStr | ast.BinOp | ast.IfExp | ast.BoolOp))

    visit(tree, inside=False)
    return sentences, wrong, silent


def called(node):
    """The name of what is called, without what it belongs to."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def braces(sentence):
    """The names in a sentence's braces."""
    return set(re.findall(r"{(\w+)}", sentence))


def in_template(source):
    """The sentences that a template says, and the words that it does not say."""
    environment = jinja2.Environment()
    parsed = environment.parse(source)
    sentences = [text for _, _, text in extract_from_ast(parsed, ["say"], babel_style=False)]
    sentences = [text for found in sentences for text in (found if isinstance(found, tuple) else (found,)) if text]
    silent = []
    whole = "\0".join(node.data for node in parsed.find_all(jinja2.nodes.TemplateData))
    silent += SPOKEN_ATTRIBUTES.findall(whole)
    silent += [text for part in re.sub(r"<[^>]*>", "\0", whole).split("\0") if LETTERS.search(text := part.strip())]
    return sentences, silent


def in_script(source):
    """The strings of a script that read like words and are not said."""
    code = re.sub(r"^\s*//.*$|\s// .*$", "", source, flags=re.MULTILINE)
    return [text for before, _, text in SCRIPT_STRINGS.findall(code) if not before and PROSE.search(text)]
