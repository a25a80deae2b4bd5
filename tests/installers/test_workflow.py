import re

import pytest
import yaml

from installers import checksums, release_notes, version_check
from installers.project import ROOT, project

FOLDER = ROOT / ".github" / "workflows"
BUILDS = {"linux", "windows", "macos"}
CHANGES = """# Changes

## Unreleased

- Later

## 0.2.0 (2026-11-30)

### Added

- This

## 0.1.0

- That
"""


def workflow(name):
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def release():
    return workflow("release.yml")


@pytest.fixture(scope="module")
def jobs(release):
    return release["jobs"]


def commands(job):
    return [step["run"] for step in job["steps"] if "run" in step]


def place(job, part):
    """Number of the only step whose command has this part."""
    (found,) = [n for n, step in enumerate(job["steps"]) if part in step.get("run", "")]
    return found


def after(jobs, name):
    """All jobs that must have passed before this one."""
    needs = jobs[name].get("needs", [])
    direct = {needs} if isinstance(needs, str) else set(needs)
    return direct.union(*(after(jobs, one) for one in direct))


def test_only_a_tag_of_a_version_releases(release):
    assert release[True] == {"push": {"tags": ["v*"]}}, "YAML reads 'on' as true"


def test_nothing_is_built_before_the_tests_have_passed(jobs):
    for name in BUILDS:
        assert {"tests", "version"} <= after(jobs, name)


def test_nothing_is_published_before_each_build_has_passed_its_trial(jobs):
    assert after(jobs, "publish") >= BUILDS


def test_the_tests_run_on_the_three_systems():
    job = workflow("tests.yml")["jobs"]["tests"]
    machines = {each["system"]: each["runner"] for each in job["strategy"]["matrix"]["include"]}
    assert set(machines) == BUILDS
    assert "workflow_call" in workflow("tests.yml")[True]


def test_all_tests_run_on_linux_and_a_part_that_is_there_on_the_others():
    job = workflow("tests.yml")["jobs"]["tests"]
    subset = job["env"]["SUBSET"].split(" ")
    assert all(any((ROOT / name).glob("**/test_*.py")) for name in subset)
    runs = {
        step["if"]: step["run"] for step in job["steps"] if "pytest" in step.get("run", "").lower()
    }
    assert set(runs) == {f"matrix.system == '{name}'" for name in ("windows", "macos")}
    assert all("SUBSET" in run for run in runs.values())
    assert [step["if"] for step in job["steps"] if step.get("run") == "make test"] == [
        "matrix.system == 'linux'"
    ]


def test_the_trials_environment_is_made_where_the_index_of_torch_is_known(jobs):
    """``sudo`` keeps no variables, and would have torch with CUDA installed."""
    assert "PIP_EXTRA_INDEX_URL" in jobs["linux"]["env"]
    made = place(jobs["linux"], ".venv/.ready")
    assert commands({"steps": [jobs["linux"]["steps"][made]]}) == ["make .venv/.ready"]
    assert made < place(jobs["linux"], "make installer-test")


@pytest.mark.parametrize(
    ("name", "build", "trial"),
    [
        ("linux", "make installer", "make installer-test"),
        ("windows", "packaging/windows/build.ps1", "packaging/windows/try.ps1"),
        ("macos", "packaging/macos/build.sh", "packaging/macos/try.sh"),
    ],
)
def test_what_is_built_is_tried_before_it_is_kept(jobs, name, build, trial):
    job = jobs[name]
    built = [n for n, step in enumerate(job["steps"]) if step.get("run", "").endswith(build)]
    uploads = [
        n
        for n, step in enumerate(job["steps"])
        if step.get("with", {}).get("name", "").startswith("installer-")
    ]
    assert len(built) == len(uploads) == 1
    assert built[0] < place(job, trial) < uploads[0]
    assert "if" not in job["steps"][uploads[0]], "only where all before it passed"


@pytest.mark.parametrize("name", ["windows/try.ps1", "macos/try.sh"])
def test_the_trial_has_the_application_pass_its_doctor(name):
    from installers.trial.steps import work

    text = (ROOT / "packaging" / name).read_text()
    assert "-m installers.desktop_trial" in text
    words = {step.words[0] for step in work(None)}
    assert {"--version", "doctor", "demo", "finetune", "study"} <= words


def test_the_linux_machine_gets_what_its_trial_needs(jobs):
    from installers.trial.screen import TOOLS

    packages = {"Xvfb": "xvfb", "import": "imagemagick"}
    (install,) = [run for run in commands(jobs["linux"]) if "apt-get install" in run]
    for tool in (*TOOLS, "debootstrap"):
        assert packages.get(tool, tool) in install.split()


def test_jobs_have_no_more_rights_than_they_need(release, jobs):
    assert release["permissions"] == workflow("tests.yml")["permissions"] == {}
    for name, job in jobs.items():
        allowed = {"contents": "write" if name == "publish" else "read"}
        assert job["permissions"] == allowed, name


def test_jobs_end(jobs):
    for name, job in {**jobs, **workflow("tests.yml")["jobs"]}.items():
        assert "uses" in job or job["timeout-minutes"] <= 120, name


def test_actions_cannot_be_changed_by_others():
    for file in ("release.yml", "tests.yml"):
        text = (FOLDER / file).read_text()
        for used in re.findall(r"uses: (\S+)", text):
            assert used.startswith("./") or re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", used)
        n_checkouts = text.count("actions/checkout@")
        assert text.count("persist-credentials: false") == n_checkouts > 0


def test_nothing_from_outside_becomes_a_command():
    for file in ("release.yml", "tests.yml"):
        for job in workflow(file)["jobs"].values():
            for run in commands(job) if "steps" in job else ():
                assert "${{" not in run


def test_secrets_are_in_reach_of_single_steps_only():
    jobs = workflow("release.yml")["jobs"]
    for name, job in jobs.items():
        for value in job.get("env", {}).values():
            assert "secrets." not in value or value.endswith("!= '' }}"), name
    named = set(re.findall(r"secrets\.(\w+)", (FOLDER / "release.yml").read_text()))
    told = (ROOT / "packaging" / "RELEASING.md").read_text()
    assert named
    assert all(f"`{secret}`" in told for secret in named)


def test_what_is_built_is_what_is_fetched(jobs):
    (fetch,) = [s for s in jobs["publish"]["steps"] if "download-artifact" in s.get("uses", "")]
    assert fetch["with"] == {"pattern": "installer-*", "path": "dist", "merge-multiple": True}
    order = ["installers.checksums", "installers.release_notes", "gh release create"]
    places = [place(jobs["publish"], part) for part in order]
    assert places == sorted(places)
    assert "--draft" in commands(jobs["publish"])[-1]


# what the workflow runs -----------------------------------------------------------------------


def test_notes_are_the_section_of_the_version():
    assert release_notes.notes(CHANGES, "0.2.0") == "### Added\n\n- This\n"
    assert release_notes.notes(CHANGES, "0.1.0") == "- That\n"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (CHANGES, "0.3.0"),
        ("## 0.1.0\n\n## 0.0.9\n\n- x\n", "0.1.0"),
        (CHANGES + "## 0.1.0\n\n- again\n", "0.1.0"),
        ("", "0.1.0"),
    ],
)
def test_a_version_without_notes_is_refused(text, version):
    with pytest.raises(ValueError, match=rf"must have one section '## {version}'"):
        release_notes.notes(text, version)


def test_the_tag_must_be_the_version():
    version_check.check("0.2.0", "v0.2.0", CHANGES)
    version_check.check("0.3.0", None, CHANGES)
    with pytest.raises(ValueError, match=r"tag must be v0\.2\.0.*got v0\.2\.1"):
        version_check.check("0.2.0", "v0.2.1", CHANGES)
    with pytest.raises(ValueError, match="must have one section"):
        version_check.check("0.3.0", "v0.3.0", CHANGES)


@pytest.mark.parametrize("version", ["0.2", "0.2.0rc1", "0.2.0.1", "01.2.3", "0.2.0+source", ""])
def test_a_version_that_windows_cannot_compare_is_refused(version):
    with pytest.raises(ValueError, match="three numbers"):
        version_check.check(version, None, CHANGES)


def test_the_version_is_printed_and_a_wrong_tag_ends_the_job(capsys):
    assert version_check.main([]) == 0
    assert capsys.readouterr().out == f"{project().version}\n"
    assert version_check.main(["v99.0.0"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1


def test_checksums_are_those_that_sha256sum_reads(tmp_path, capsys):
    (tmp_path / "b.deb").write_bytes(b"abc")
    (tmp_path / "a.exe").write_bytes(b"")
    assert checksums.main([str(tmp_path)]) == 0
    assert checksums.main([str(tmp_path)]) == 0, "its own list is not in it"
    abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (tmp_path / "SHA256SUMS").read_bytes() == (f"{empty}  a.exe\n{abc}  b.deb\n".encode())


def test_a_folder_without_installers_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must have files in it"):
        checksums.checksums(tmp_path)
