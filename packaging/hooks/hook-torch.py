"""What of torch goes in: what its imports lead to, and its libraries; not every module there is.

Instead of the public hook, which takes all modules, their sources beside them, tests and headers.
"""

from pathlib import Path

from PyInstaller.utils.hooks import (
    PY_DYLIB_PATTERNS,
    collect_data_files,
    collect_dynamic_libs,
    copy_metadata,
    get_package_paths,
)

from installers.contents import is_left_out

# The one command that torch asks for when it is imported.
datas = [*copy_metadata("torch"), *collect_data_files("torch", includes=["bin/torch_shm_manager*"])]
binaries = [
    (source, folder)
    for source, folder in collect_dynamic_libs(
        "torch", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"]
    )
    if not is_left_out(source)
]
# torch looks for its libraries beside the real place of the one that asks.
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]


# Settings are described by remarks in their source; overloads are told apart by it.
_READ_THEIR_SOURCE = ("install_config_module(", "_overload")


def _with_sources() -> list[str]:
    """Modules whose source torch reads when it is imported."""
    root, folder = map(Path, get_package_paths("torch"))
    return [
        ".".join(file.relative_to(root).with_suffix("").parts)
        for file in folder.rglob("*.py")
        if any(sign in file.read_text(encoding="utf-8") for sign in _READ_THEIR_SOURCE)
    ]


module_collection_mode = dict.fromkeys(_with_sources(), "pyz+py")
