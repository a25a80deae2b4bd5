#Requires -Version 7.4
# Makes the virtual environment FOLDER with the pinned versions, as packaging/environment.sh does:
# environment.ps1 FOLDER EXTRAS, where EXTRAS are such as 'dev' or 'installer,siemens'.
param(
    [Parameter(Mandatory)] [string] $Folder,
    [Parameter(Mandatory)] [string] $Extras
)
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
Set-Location (Join-Path $PSScriptRoot '..' '..')

python -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tlmri needs Python 3.11 or newer")'
python -m venv $Folder
$python = Join-Path $Folder 'Scripts' 'python.exe'
# torch first and alone, so that no other package's wishes choose another build of it.
& $python -m pip --disable-pip-version-check install --quiet -c constraints.txt torch
& $python -m pip --disable-pip-version-check install --quiet -c constraints.txt -e ".[$Extras]"
