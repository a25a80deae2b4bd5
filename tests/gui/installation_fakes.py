"""What a child process finds of the installation in place of the true checks; without Qt."""

from core.doctor import Check, Outcome

MEMORY = Check("memory", "1 GiB", Outcome.FAILED, "buy more")


def good_but_for_memory(context, names):
    for name in names:
        context.progress(0.0, name)
        context.publish(MEMORY if name == "memory" else Check(name, "fine"))
