"""The files that tlmri opens, as Windows is told of them in its registry."""

from __future__ import annotations

from installers.file_kinds import VAGUE, Kind, kinds
from installers.project import project

_CLASSES = r"Software\Classes"
_WITH_KEY = "uninsdeletekey"
_WITH_VALUE = "uninsdeletevalue uninsdeletekeyifempty"


def inno_registry(program: str) -> str:
    """Lines of the section ``[Registry]`` of Inno Setup.

    tlmri is offered under "Open with" (``OpenWithProgids``) and in the settings' default apps, and
    what opens such files now stays. Windows goes by what is behind the last dot; for an ending that
    tells nothing by itself, such as ``.gz``, tlmri is in the longer list only (``SupportedTypes``).

    Parameters
    ----------
    program
        File name of the windowed program in ``{app}``.
    """
    about = project()
    application = rf"{_CLASSES}\Applications\{program}"
    capabilities = rf"Software\{about.name}\Capabilities"
    lines = [
        _line(application, "FriendlyAppName", about.name, _WITH_KEY),
        _line(rf"{application}\shell\open\command", "", _command(program), ""),
        _line(rf"Software\{about.name}", "", "", _WITH_KEY),
        _line(capabilities, "ApplicationName", about.name, ""),
        _line(capabilities, "ApplicationDescription", about.summary, ""),
        _line(r"Software\RegisteredApplications", about.name, capabilities, "uninsdeletevalue"),
    ]
    for kind in kinds():
        lines += _kind(kind, program)
        for suffix in kind.suffixes:
            ending = _last(suffix)
            lines.append(_line(rf"{application}\SupportedTypes", ending, "", ""))
            if suffix in VAGUE or suffix != ending:
                continue
            offered = rf"{_CLASSES}\{suffix}\OpenWithProgids"
            lines.append(_line(offered, _identifier(kind), "", _WITH_VALUE))
            chosen = rf"{capabilities}\FileAssociations"
            lines.append(_line(chosen, suffix, _identifier(kind), ""))
    return "\n".join(lines) + "\n"


def _kind(kind: Kind, program: str) -> list[str]:
    key = rf"{_CLASSES}\{_identifier(kind)}"
    return [
        _line(key, "", kind.label, _WITH_KEY),
        _line(key, "AppUserModelID", f"{project().name}.{project().name}", ""),
        _line(rf"{key}\DefaultIcon", "", rf"{{app}}\{program},0", ""),
        _line(rf"{key}\shell\open\command", "", _command(program), ""),
    ]


def _identifier(kind: Kind) -> str:
    return f"{project().name}.{kind.name}"


def _command(program: str) -> str:
    return rf'"{{app}}\{program}" "%1"'


def _line(key: str, name: str, data: str, flags: str) -> str:
    parts = ["Root: HKA", f'Subkey: "{key}"', "ValueType: string"]
    if name:
        parts.append(f'ValueName: "{name}"')
    quoted = data.replace('"', '""')
    parts.append(f'ValueData: "{quoted}"')
    if flags:
        parts.append(f"Flags: {flags}")
    return "; ".join(parts)


def _last(suffix: str) -> str:
    return f".{suffix.rsplit('.', 1)[-1]}"
