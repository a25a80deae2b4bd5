#Requires -Version 7.4
# Builds dist\tlmri-VERSION-windows-x86_64.exe. Needs Python 3.11 or newer and Inno Setup 6.3 or newer.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
Set-Location (Join-Path $PSScriptRoot '..' '..')

$compiler = Get-Item -ErrorAction SilentlyContinue -Path @(
    "${env:ProgramFiles(x86)}\Inno Setup *\ISCC.exe"
    "$env:ProgramFiles\Inno Setup *\ISCC.exe"
    "$env:LOCALAPPDATA\Programs\Inno Setup *\ISCC.exe"
) | Select-Object -First 1
if (-not $compiler) {
    throw 'Inno Setup 6.3 or newer must be installed in its usual folder, found no ISCC.exe'
}

& (Join-Path $PSScriptRoot 'environment.ps1') 'build\venv' 'installer,siemens'
$python = 'build\venv\Scripts\python.exe'
$env:PYTHONPATH = 'packaging'

$version = & $python -m installers.version_check
& $python -m installers.icons 'build\icons'
& $python -m installers.inno_include 'build\windows\registry.iss'
& $python -m PyInstaller --noconfirm --clean 'packaging\tlmri.spec'
& $python -m installers.materials 'dist\tlmri'
& $compiler.FullName /Qp "/DVersion=$version" 'packaging\windows\tlmri.iss'
Get-Item "dist\tlmri-$version-windows-x86_64.exe"
