; The Windows installer, for Inno Setup 6.3 or newer. packaging\windows\build.ps1 compiles it:
; ISCC /DVersion=0.1.0 packaging\windows\tlmri.iss
; What it packs is dist\tlmri, the folder that PyInstaller makes.

#ifndef Version
  #error The version must be told: ISCC /DVersion=...
#endif
#if VER < EncodeVer(6, 3, 0)
  #error Inno Setup must be 6.3 or newer, for x64compatible
#endif

#define Name "tlmri"
; Never change it: by it a newer version finds the older one and takes its place.
#define AppGuid "{09635C44-71C5-4777-8F43-5F41CA29E436}"
; installers.project.WINDOWED
#define Windowed "tlmri-window.exe"

[Setup]
SourceDir=..\..
AppId={{#AppGuid}
AppName={#Name}
AppVersion={#Version}
AppPublisher=The tlmri developers
VersionInfoVersion={#Version}
UninstallDisplayName={#Name}
UninstallDisplayIcon={app}\{#Windowed}
SetupIconFile=build\icons\tlmri.ico
LicenseFile=LICENSE
DefaultDirName={autopf}\{#Name}
DisableProgramGroupPage=yes
WizardStyle=modern
; For this user alone and without an administrator, unless /ALLUSERS or the first page say otherwise.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
; core.system_needs.WINDOWS
MinVersion=10.0.17763
; The program holds a mutex of this name while it runs; Setup and Uninstall then ask to close it.
AppMutex=tlmri.tlmri
CloseApplications=yes
RestartApplications=no
ChangesAssociations=yes
ChangesEnvironment=yes
Compression=lzma2/max
SolidCompression=yes
LZMAUseSeparateProcess=yes
OutputDir=dist
OutputBaseFilename={#Name}-{#Version}-windows-x86_64

[Messages]
; For an older Windows and for another processor alike.
WindowsVersionNotSupported={#Name} needs Windows 10, version 1809, or newer, on a processor that runs x64 programs.

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked
Name: "path"; Description: "Add the command &tlmri to PATH"; GroupDescription: "Terminal:"; Flags: unchecked

[InstallDelete]
; An older version's modules must not be found beside the new ones.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "dist\tlmri\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\{#Name}"; Filename: "{app}\{#Windowed}"; AppUserModelID: "tlmri.tlmri"
Name: "{autodesktop}\{#Name}"; Filename: "{app}\{#Windowed}"; AppUserModelID: "tlmri.tlmri"; Tasks: desktopicon

[Registry]
#include "..\..\build\windows\registry.iss"

[Run]
Filename: "{app}\{#Windowed}"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent

[Code]
const
  UninstallKey = 'Software\Microsoft\Windows\CurrentVersion\Uninstall\{#AppGuid}_is1';

// A newer version ------------------------------------------------------------------------------

function InstalledVersion(Root: Integer): String;
begin
  if not RegQueryStringValue(Root, UninstallKey, 'DisplayVersion', Result) then
    Result := '';
end;

function IsNewer(Installed: String): Boolean;
var
  Theirs, Ours: Int64;
begin
  Result := False;
  if StrToVersion(Installed, Theirs) then
    if StrToVersion('{#Version}', Ours) then
      Result := ComparePackedVersion(Theirs, Ours) > 0;
end;

function InitializeSetup: Boolean;
var
  Installed: String;
begin
  Installed := InstalledVersion(HKCU);
  if not IsNewer(Installed) then
    Installed := InstalledVersion(HKLM64);
  Result := not IsNewer(Installed);
  if not Result then
    SuppressibleMsgBox('{#Name} ' + Installed + ' is installed, which is newer than {#Version}.' + #13#10#13#10 +
      'To go back to {#Version}, uninstall it first under Settings > Apps. Your own networks are kept.',
      mbError, MB_OK, IDOK);
end;

// PATH -----------------------------------------------------------------------------------------

function EnvironmentRoot: Integer;
begin
  if IsAdminInstallMode then
    Result := HKLM64
  else
    Result := HKCU;
end;

function EnvironmentKey: String;
begin
  if IsAdminInstallMode then
    Result := 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
  else
    Result := 'Environment';
end;

function Without(Path, Folder: String): String;
var
  At: Integer;
begin
  Result := ';' + Path + ';';
  At := Pos(';' + Uppercase(Folder) + ';', Uppercase(Result));
  if At > 0 then
    Delete(Result, At, Length(Folder) + 1);
  if Length(Result) > 2 then
    Result := Copy(Result, 2, Length(Result) - 2)
  else
    Result := '';
end;

procedure SetOnPath(Wanted: Boolean);
var
  Before, After, Folder: String;
begin
  Folder := ExpandConstant('{app}');
  if not RegQueryStringValue(EnvironmentRoot, EnvironmentKey, 'Path', Before) then
    Before := '';
  After := Without(Before, Folder);
  if Wanted then
    if After = '' then
      After := Folder
    else
      After := After + ';' + Folder;
  if After <> Before then
    RegWriteExpandStringValue(EnvironmentRoot, EnvironmentKey, 'Path', After);
end;

procedure CurStepChanged(CurStep: TSetupStep);
begin
  if CurStep = ssPostInstall then
    SetOnPath(WizardIsTaskSelected('path'));
end;

// Uninstalling ---------------------------------------------------------------------------------

procedure CurUninstallStepChanged(CurUninstallStep: TUninstallStep);
var
  Own: String;
begin
  if CurUninstallStep = usUninstall then
    SetOnPath(False);
  Own := ExpandConstant('{localappdata}\tlmri');
  if (CurUninstallStep = usPostUninstall) and not UninstallSilent then
    if DirExists(Own) then
      SuppressibleMsgBox('Your own networks and studies are kept in' + #13#10 + Own + #13#10#13#10 +
        'Delete that folder if you need none of them.', mbInformation, MB_OK, IDOK);
end;
