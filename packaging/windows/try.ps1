#Requires -Version 7.4
# Installs SETUP as a user would, has the application pass its trial, installs it once more over
# itself, and uninstalls it: try.ps1 SETUP. Leaves build\trial\window.png.
# Not for a machine where tlmri is in use: it uninstalls it.
param([Parameter(Mandatory)] [string] $Setup)
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
$Setup = Resolve-Path $Setup
Set-Location (Join-Path $PSScriptRoot '..' '..')
$env:PYTHONPATH = 'packaging'

# The space is there on purpose.
$place = Join-Path $env:LOCALAPPDATA 'tlmri trial'
$own = Join-Path $env:LOCALAPPDATA 'tlmri' 'checkpoints' 'kept.safetensors'
$quiet = '/VERYSILENT', '/SUPPRESSMSGBOXES', '/NORESTART'

function Start-Quietly([string] $Program, [string[]] $Arguments) {
    $done = Start-Process -FilePath $Program -ArgumentList $Arguments -Wait -PassThru
    if ($done.ExitCode -ne 0) { throw "$Program ended with exit code $($done.ExitCode)" }
}

function Test-UserPath {
    ([Environment]::GetEnvironmentVariable('Path', 'User') -split ';') -contains $place
}

function Assert-That([bool] $Holds, [string] $Rule) {
    if (-not $Holds) { throw "it must hold that $Rule" }
    Write-Host "ok: $Rule"
}

$install = $quiet + '/CURRENTUSER' + '/TASKS=path' + "/DIR=`"$place`""
Start-Quietly $Setup $install
Assert-That (Test-UserPath) 'the command is on PATH'
& 'build\venv\Scripts\python.exe' -m installers.desktop_trial $place --out 'build\trial'

New-Item -ItemType File -Force $own | Out-Null
$stale = New-Item -ItemType File (Join-Path $place '_internal' 'stale.txt')
Start-Quietly $Setup $install
Assert-That (-not (Test-Path $stale)) 'an older version leaves nothing in _internal'
& (Join-Path $place 'tlmri.exe') --version

Start-Quietly (Join-Path $place 'unins000.exe') $quiet
Assert-That (-not (Test-Path (Join-Path $place 'tlmri.exe'))) 'the program is gone'
Assert-That (-not (Test-UserPath)) 'the command is no longer on PATH'
Assert-That (Test-Path $own) 'the networks of the user are kept'
Remove-Item $own
