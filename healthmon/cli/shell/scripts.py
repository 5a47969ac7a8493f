"""Completion in bash, zsh and fish: the scripts that they load, and what the scripts are answered."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import click
from click.shell_completion import CompletionItem, ShellComplete, split_arg_string

from healthmon.cli.group import LazyGroup
from healthmon.cli.shell.suggestions import SUGGEST, Suggest, Suggestion

_BASH = r"""# healthmon's completion for bash 4.4 or newer.
_healthmon() {
    local kind value help line=${COMP_LINE:0:COMP_POINT}
    COMPREPLY=()
    while IFS=$'\t' read -r kind value help; do
        case $kind in
        word) COMPREPLY+=("$value") ;;
        open) COMPREPLY+=("$value") && compopt -o nospace ;;
        file) compopt -o default +o nosort ;;
        toml)
            mapfile -t COMPREPLY < <(compgen -f -X '!*.toml' -- "$2"; compgen -d -- "$2")
            if ((${#COMPREPLY[@]})); then compopt -o filenames +o nosort; else compopt -o default +o nosort; fi
            ;;
        command) _healthmon_command "$2" </dev/null ;;
        esac
    done < <("${1/#\~/$HOME}" completion bash --line "$line" --breaks "$COMP_WORDBREAKS" 2>/dev/null)
}
# What stands behind -- is somebody else's command line.
_healthmon_command() {
    local -i first=1
    while ((first < COMP_CWORD)) && [[ ${COMP_WORDS[first++]} != -- ]]; do :; done
    if declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$first"
    elif declare -F _command_offset >/dev/null; then
        _command_offset "$first"
    elif ((first == COMP_CWORD)); then
        mapfile -t COMPREPLY < <(compgen -c -- "$1" | sort -u)
        compopt -o filenames
    else
        compopt -o default +o nosort
    fi
}
complete -o nosort -F _healthmon healthmon
"""

_ZSH = r"""#compdef healthmon
# healthmon's completion for zsh: loaded by a line in ~/.zshrc, or from a folder of $fpath as _healthmon.
_healthmon() {
    local kind value help
    local -a whole begun
    while IFS=$'\t' read -r kind value help; do
        value=${value//:/\\:}${help:+:$help}
        case $kind in
        word) whole+=("$value") ;;
        open) begun+=("$value") ;;
        file) compset -P '*=' && true; _files; return ;;
        toml) compset -P '*=' && true; _files -g '*.toml'; return ;;
        command)
            local -i behind=${words[(i)--]}
            words[1,behind]=()
            (( CURRENT -= behind ))
            _normal
            return
            ;;
        esac
    done < <(${~words[1]} completion zsh --line "${(pj:\n:)words[1,CURRENT]}" 2>/dev/null)
    (( $#whole )) && _describe -V 'healthmon' whole
    (( $#begun )) && _describe -V 'healthmon' begun -S ''
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _healthmon "$@"
else
    compdef _healthmon healthmon
fi
"""

_FISH = r"""# healthmon's completion for fish.
function __healthmon_complete
    set -l words (commandline -opc)
    set -l line (commandline -cp)
    $words[1] completion fish --line "$line" 2>/dev/null | while read -l -d \t kind value help
        if contains -- $kind file toml
            set -l path (string replace -r '^.*=' '' -- (commandline -ct))
            printf '%s\n' $value(__fish_complete_path $path)
        else if test $kind = command
            set -l behind (math 1 + (contains -i -- -- $words))
            complete --do-complete (string join ' ' -- (string escape -- $words[$behind..]) (commandline -ct))
        else
            printf '%s\t%s\n' $value $help
        end
    end
end
complete --command healthmon --no-files --keep-order --arguments '(__healthmon_complete)'
"""

SCRIPTS: Mapping[str, str] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
"""Shell → what it has to load. It asks `healthmon completion SHELL --line LINE`, and silences it."""


def answer(shell: str, line: str, breaks: str, group: LazyGroup) -> Iterator[str]:
    """Yield what may stand at the end of a command line, each as a line of kind, value and help, with tabs between.

    The value takes the place of the whole last word. Of bash's own pieces of words it is the last piece, quoted as bash
    needs it; the other shells quote by themselves. The kinds are `word`; `open`, behind which no space belongs;
    `file`, where the name of a file follows the value; `toml`, where that is most probably one of a TOML file; and
    `command`, where what stands behind ``--`` is the command line of another program.

    Args:
        shell: The shell.
        line: The command line up to the cursor, as it was typed.
        breaks: Where bash takes words to pieces (`$COMP_WORDBREAKS`).
        group: The commands.
    """
    typed = _read(line)
    if "--" in typed.before and _takes_a_program(group, typed.before[0]):
        yield "command\t\t"
        return
    name, equals, _ = typed.word.partition("=")
    before = f"{name}=" if equals and name.startswith("--") and "--" not in typed.before else ""
    complete = ShellComplete(_Suggesting(group), {}, "healthmon", "")
    for item in complete.get_completions(list(typed.before), typed.word):
        value = _piece(before + item.value, typed, breaks) if shell == "bash" else before + item.value
        yield "\t".join((item.kind or "word", value, " ".join((item.help or "").split())))


def _takes_a_program(group: LazyGroup, name: str) -> bool:
    from healthmon.cli.program import takes_a_program

    ctx = click.Context(group, info_name="healthmon")
    command = group.get_command(ctx, name)
    return command is not None and takes_a_program(command, click.Context(command, parent=ctx))


class _Typed(NamedTuple):
    """A command line that is being typed.

    Attributes:
        before: The words behind the command's own name that are complete.
        word: The one that is not; it may be empty.
        quoted: Whether a quote is open in it.
    """

    before: Sequence[str]
    word: str
    quoted: bool


def _read(line: str) -> _Typed:
    words = split_arg_string(f"{line}x")[1:] or ["x"]  # One letter more shows whether a word has ended.
    try:
        shlex.split(line)
        quoted = False
    except ValueError as error:
        quoted = "quotation" in str(error)
    return _Typed(words[:-1], words[-1][:-1], quoted)


def _piece(value: str, typed: _Typed, breaks: str) -> str:
    """What bash puts into the place of the last piece of a word, without what stands before it."""
    if typed.quoted:  # Within quotes it sees no pieces, and nothing needs a backslash.
        return value
    start = max((typed.word.rfind(sign) + 1 for sign in breaks if sign in "=:@"), default=0)
    return re.sub(r"([^\w@%+=:,./~-])", r"\\\1", value[start:])


class _Suggesting(LazyGroup):
    """The commands, whose options and arguments suggest what may be typed."""

    def __init__(self, group: LazyGroup) -> None:
        super().__init__("healthmon", commands_at=group.commands_at, params=group.params)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command, and teach it."""
        command = super().get_command(ctx, cmd_name)
        for param in command.params if command else ():
            if suggest := SUGGEST.get((param.metavar or "").strip("[]")):
                param.shell_complete = partial(_complete, suggest, str(param.name))  # type: ignore[method-assign]
        return command


def _kind(one: Suggestion) -> str:
    if one.file:
        return "toml" if one.toml else "file"
    return "open" if one.open else "word"


def _complete(suggest: Suggest, name: str, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    """What fits behind what was typed, but for what was given before already."""
    given = ctx.params.get(name)
    return [
        CompletionItem(one.value, help=one.help, kind=_kind(one))
        for one in suggest(ctx, incomplete)
        if (one.file or one.value.startswith(incomplete)) and not (isinstance(given, tuple) and one.value in given)
    ]
