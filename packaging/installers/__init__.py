"""What turns tlmri into installers: contents, icons, associations, licences, Linux packages.

Build code only: nothing of tlmri imports it. It is a package in a folder of its own, since a
package called ``packaging`` would hide the well-known one of that name.
"""
