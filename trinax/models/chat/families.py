"""Which way of writing a model was trained on, by what its template and vocabulary mention."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from trinax.models.chat.dialect import Dialect, Marked
from trinax.models.chat.harmony import Harmony
from trinax.models.chat.named import Named
from trinax.models.chat.notation import Notation
from trinax.models.chat.pairs import Pairs
from trinax.models.chat.parameters import Parameters
from trinax.models.chat.tagged import GENERIC, Tagged

THOUGHTS = (
    ("<think>", "</think>"),
    ("[THINK]", "[/THINK]"),
    ("<|channel>thought\n", "<channel|>"),
    ("<seed:think>", "</seed:think>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
)


@dataclass(frozen=True, slots=True)
class Family:
    """mentions: marks that a template of this family has, all of them."""

    mentions: tuple[str, ...]
    notation: Notation
    stop: tuple[str, ...] = ()


def _dsml(section: str) -> Notation:
    return Parameters(
        (f"<｜DSML｜{section}>", f"</｜DSML｜{section}>"),
        ('\n<｜DSML｜invoke name="', '">', "</｜DSML｜invoke>\n"),
        ('<｜DSML｜parameter name="', '" string="', "</｜DSML｜parameter>"),
        typed=True,
    )


DEEPSEEK = ("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>")
DEEPSEEK_CALL, DEEPSEEK_SEP = "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>"
DEEPSEEK_END = "<｜tool▁call▁end｜>"
# The first whose marks are all mentioned is taken, so the more special come first.
FAMILIES = (
    Family(
        ("<|tool_call>", '<|"|>'),
        Pairs("<|tool_call>", "<tool_call|>", '<|"|>'),
        ("<|tool_response>",),
    ),
    Family(
        ("<start_function_call>", "<escape>"),
        Pairs("<start_function_call>", "<end_function_call>", "<escape>"),
        ("<start_function_response>",),
    ),
    Family(
        (DEEPSEEK[0], "```json"),
        Named(
            f"{DEEPSEEK_CALL}function{DEEPSEEK_SEP}",
            "\n```json\n",
            f"\n```{DEEPSEEK_END}",
            DEEPSEEK,
        ),
    ),
    Family((DEEPSEEK[0],), Named(DEEPSEEK_CALL, DEEPSEEK_SEP, DEEPSEEK_END, DEEPSEEK)),
    Family(("｜DSML｜", "function_calls>"), _dsml("function_calls")),
    Family(("｜DSML｜", "tool_calls>"), _dsml("tool_calls")),
    Family(("[TOOL_CALLS]", "[ARGS]"), Named("[TOOL_CALLS]", "[ARGS]", identified="[CALL_ID]")),
    Family(("[TOOL_CALLS]",), Tagged("[TOOL_CALLS]", listed=True)),
    Family(
        ("<tool_call>", "<function=", "<parameter="),
        Parameters(
            ("<tool_call>", "</tool_call>"),
            ("<function=", ">", "</function>"),
            ("<parameter=", ">", "</parameter>"),
            padded=True,
        ),
    ),
    Family(
        ("<tool_call>", "<arg_key>"),
        Parameters(
            ("<tool_call>", "</tool_call>"),
            ("", "", ""),
            ("<arg_key>", "</arg_key>\n<arg_value>", "</arg_value>"),
        ),
    ),
    Family(
        ("<seed:tool_call>", "<function="),
        Parameters(
            ("<seed:tool_call>", "</seed:tool_call>"),
            ("\n<function=", ">", "</function>\n"),
            ("<parameter=", ">", "</parameter>"),
        ),
    ),
    Family(
        ("<minimax:tool_call>", "<invoke name="),
        Parameters(
            ("<minimax:tool_call>", "</minimax:tool_call>"),
            ('\n<invoke name="', '">', "</invoke>\n"),
            ('<parameter name="', '">', "</parameter>"),
        ),
    ),
    Family(
        ("<|tool_calls_section_begin|>",),
        Named(
            "<|tool_call_begin|>functions.",
            "<|tool_call_argument_begin|>",
            "<|tool_call_end|>",
            ("<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"),
            numbered=True,
        ),
    ),
    Family(("<tool_call>",), GENERIC),
    Family(("<function=",), Named("<function=", ">", "</function>")),
    Family(("<TOOLCALL>",), Tagged("<TOOLCALL>", "</TOOLCALL>", listed=True)),
    Family(
        ("<|tool_call|>", "<|/tool_call|>"), Tagged("<|tool_call|>", "<|/tool_call|>", listed=True)
    ),
    Family(("<|tool_call|>",), Tagged("<|tool_call|>", listed=True)),
    Family(("<tool_calls>",), Tagged("<tool_calls>", "</tool_calls>", listed=True)),
    Family(("functools[",), Tagged("functools", listed=True)),
    Family(("<|python_tag|>",), Tagged("<|python_tag|>", arguments="parameters", bare=True)),
    Family(
        ('{"name": function name, "parameters": dictionary',),
        Tagged("<|python_tag|>", arguments="parameters", bare=True),
    ),
    Family(("<|eom_id|>",), Tagged("<|python_tag|>", arguments="parameters", bare=True)),
)


def dialect(source: str, marks: Collection[str]) -> Dialect:
    """source: the template's text. marks: texts of the vocabulary's special tokens."""
    if all(mark in source for mark in ("<|start|>", "<|channel|>", "<|message|>")):
        return Harmony()
    thought = next((pair for pair in THOUGHTS if pair[1] in source or {*pair} <= {*marks}), None)
    family = _first(lambda mark: mark in source) or _first(lambda mark: mark in marks)
    if not family or family.notation == GENERIC:
        return Marked((GENERIC,), thought)
    return Marked((family.notation, GENERIC), thought, family.stop)


def _first(mentioned: Callable[[str], bool]) -> Family | None:
    return next((one for one in FAMILIES if all(map(mentioned, one.mentions))), None)
