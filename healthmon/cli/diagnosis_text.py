"""A diagnosis as text for people. Pure."""

from collections.abc import Iterator

from healthmon.core.advice.advise import explain
from healthmon.core.model import Verdict
from healthmon.core.units import format_duration
from healthmon.engine.diagnosis import Diagnosis, Layer
from healthmon.reports.contract import Appearance
from healthmon.reports.style import Pen


def render(diagnosis: Diagnosis, appearance: Appearance) -> str:
    """Render a diagnosis: a line a layer, then the verdict, the cause and the next step."""
    pen, result = Pen(appearance), diagnosis.result
    service = result.service
    lines = [f"{pen.bold(service.name)} ({service.id})  {service.shown_url}", ""]
    lines += [_line(layer, pen) for layer in diagnosis.layers]
    lines += ["", *_verdict(diagnosis, pen)]
    return pen.finish(lines)


def _line(layer: Layer, pen: Pen) -> str:
    time = "" if layer.seconds is None else format_duration(layer.seconds)
    text = f"{layer.name:<9}{time:>8}  {layer.detail}"
    if layer.passed is None:
        return f"– {pen.dim(text)}"
    return f"{pen.sign(Verdict.UP if layer.passed else Verdict.DOWN)} {text}"


def _verdict(diagnosis: Diagnosis, pen: Pen) -> Iterator[str]:
    result, advice = diagnosis.result, explain(diagnosis.result)
    attempts = f", after {result.attempts} attempts" if result.attempts > 1 else ""
    yield f"{pen.verdict(result.verdict)} ({result.message}{attempts})"
    if advice:
        yield f"Cause: {result.cause}. {advice.explanation}"
        yield f"Next: {advice.next_step}"
    if advice and result.service.runbook:
        yield f"Runbook: {result.service.runbook}"
