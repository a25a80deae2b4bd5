"""The bill of materials in CycloneDX 1.6."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.checkpoints import file_hash
from installers.components import Component
from installers.frozen_folder import is_native
from installers.project import project

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component as Entry


def bill(frozen: Path, inside: Mapping[Component, list[str]]) -> str:
    """The bill as JSON: components, licences, package URLs, and SHA-256 of native files.

    The same folder gives the same bill: its serial number is drawn from what it lists, and it bears
    a time only where ``SOURCE_DATE_EPOCH`` gives one.
    """
    from cyclonedx.output.json import JsonV1Dot6  # only where installers are built

    told = json.loads(JsonV1Dot6(_bom(frozen, inside)).output_as_string())
    del told["serialNumber"], told["metadata"]["timestamp"]
    _in_order(told)
    content = json.dumps(told, sort_keys=True)
    told["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, content)}"
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        told["metadata"]["timestamp"] = datetime.fromtimestamp(int(epoch), UTC).isoformat()
    return json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _bom(frozen: Path, inside: Mapping[Component, list[str]]) -> Bom:
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component as Entry
    from cyclonedx.model.component import ComponentType
    from cyclonedx.model.license import LicenseExpression

    us = project()
    whole = Entry(
        name=us.name,
        version=us.version,
        type=ComponentType.APPLICATION,
        bom_ref="application",
        licenses=[LicenseExpression(us.licence)],
    )
    entries = [_entry(frozen, one, files) for one, files in inside.items()]
    bom = Bom(components=entries, metadata=BomMetaData(component=whole))
    bom.register_dependency(whole, entries)
    return bom


def _entry(frozen: Path, one: Component, files: list[str]) -> Entry:
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri
    from cyclonedx.model.component import Component as Entry
    from cyclonedx.model.component import ComponentType
    from cyclonedx.model.license import LicenseExpression
    from packageurl import PackageURL

    native = [file for file in files if is_native(frozen / file)]
    return Entry(
        name=one.name,
        version=one.version,
        type=ComponentType.DATA if one.kind == "data" else ComponentType.LIBRARY,
        bom_ref=one.folder,
        licenses=[LicenseExpression(one.licence)],
        purl=PackageURL.from_string(one.purl) if one.purl else None,
        external_references=[
            ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(one.home))
        ]
        if one.home
        else [],
        components=[_file(frozen, one, file) for file in native],
    )


def _file(frozen: Path, owner: Component, file: str) -> Entry:
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.component import Component as Entry
    from cyclonedx.model.component import ComponentType

    return Entry(
        name=file,
        type=ComponentType.FILE,
        bom_ref=f"{owner.folder}:{file}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=file_hash(frozen / file))],
    )


def _in_order(told: Any) -> None:  # noqa: ANN401 - any JSON
    """Sort the lists that the library keeps as sets."""
    if isinstance(told, dict):
        for value in told.values():
            _in_order(value)
    elif isinstance(told, list):
        for value in told:
            _in_order(value)
        told.sort(key=lambda value: json.dumps(value, sort_keys=True))
