"""Writes what was measured on calls into the cards of the networks that were tried."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from statistics import fmean
from typing import Any

from calling.line import HELD_OUT, Cell
from calling.measure import CONVENTION, Row
from calling.methods import FILTERS
from calling.tables import Rows
from sharpcli.inference.enhancers import AUTO, NetworkEnhancer
from sharpcli.pipeline.spec import EnhancerSpec
from sharpcli.plugin.cards import read_card

KEY = "Calls"
"""Of the figures among a card's scores."""
KINDS = {"profile", "precision"}
"""Options by which a network is chosen; with others, it is not used as its card says."""


def write_cards(rows: Rows, texts: Collection[str]) -> None:
    """Mean Y PSNR over clips and rates, by codecs and scale, into the card of the weights of each `NAME:OPTION=VALUE`.

    Left out are those that choose their weights themselves, that have none, and INT8 without FP32 beside it.
    """
    for text in texts:
        if text in FILTERS:
            continue
        spec = EnhancerSpec.parse(text)
        enhancer = spec.create()
        if not isinstance(enhancer, NetworkEnhancer) or enhancer.profile == AUTO or dict(spec.options).keys() - KINDS:
            continue
        file = enhancer.file()
        card = read_card(file)
        scores = _scores(rows, spec.label)
        if file.stem.endswith("-int8"):
            exact = EnhancerSpec(spec.name, (*spec.options, ("precision", "fp32")))
            if exact.text not in texts:
                continue
            scores["against_fp32"] = _gains(scores["result"], _scores(rows, exact.label)["result"])
        card["scores"] = {**(card.get("scores") or {}), KEY: scores}
        file.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n")


def _scores(rows: Rows, name: str) -> dict[str, Any]:
    groups: dict[str, list[Row]] = {}
    for cell, each in rows.items():
        groups.setdefault(_group(cell, rows), []).extend(each)
    result = {group: _psnr(row.results[name].psnr for row in each) for group, each in groups.items()}
    came = {group: _psnr(row.input.psnr for row in each) for group, each in groups.items()}
    return {"convention": CONVENTION, "result": result, "input": came}


def _group(cell: Cell, rows: Mapping[Cell, object]) -> str:
    trained = ", ".join(dict.fromkeys(one.codec for one in rows if one.codec != HELD_OUT))
    return f"{cell.codec if cell.codec == HELD_OUT else trained}, scale {cell.scale:g}"


def _psnr(values: Iterable[float]) -> dict[str, float]:
    return {"psnr": round(fmean(values), 4)}


def _gains(result: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    return {group: {"psnr": round(each["psnr"] - other[group]["psnr"], 4)} for group, each in result.items()}
