"""Networks beside a page, as `sharpcli train export --to webgpu` writes them."""

from sharpcli_training.export.formats import Job
from sharpcli_training.export.stack import read_student
from sharpcli_training.export.webgpu import write
from tests.edge.wasm_page import ROOT

WEIGHTS = ROOT / "plugins" / "sharpcli_student" / "weights"


def put_networks(folder, *names):
    """Those of the ONNX files of these names, into a new folder."""
    folder.mkdir(parents=True)
    for name in names:
        onnx = WEIGHTS / f"{name}.onnx"
        write(read_student(onnx), folder / name, Job(onnx, "int8"))
