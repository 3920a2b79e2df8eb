/**
 * The public API of Rolecall: what roles, playbooks and users' own kinds import.
 *
 * @packageDocumentation
 */
export {
  role,
  type AnyRole,
  type DeclaredVars,
  type NoVariables,
  type Role,
  type RoleDefinition,
  type VarsOf,
} from './playbook/role.ts'
export {
  playbook,
  using,
  type BatchSize,
  type Failures,
  type HostPattern,
  type Percent,
  type Play,
  type Playbook,
  type ProjectNames,
  type RoleUse,
  type UsedVars,
} from './playbook/playbook.ts'
export type { HookHost, HookPlay, HookRun, Hooks } from './playbook/hooks.ts'
export {
  policy,
  type Policy,
  type PolicyDefinition,
  type PolicyObjection,
  type PolicyPlan,
  type PolicyResource,
  type PolicyStep,
} from './playbook/policy.ts'
export { asked, shared } from './playbook/variables/shared.ts'
export type { SharedShape, SharedValues, SharedVariable } from './playbook/variables/shared-shape.ts'
export type { From } from './playbook/variables/sources.ts'
export type { CommandArgument, Needed, Outcome, ReadCommands, RoleCommands } from './playbook/role-commands.ts'
export type {
  ApplyContext,
  CommonContext,
  FetchFileOptions,
  GateContext,
  SiteVars,
  SiteVarsHost,
  SiteProblem,
  ReadOptions,
  ReachedHost,
  HostContext,
  ReachedSite,
  RoleHost,
  Site,
  SiteHost,
  ValuesOf,
  VerifyContext,
} from './playbook/context.ts'
export type { Expect, Matchers } from './playbook/expect.ts'
export { kind, type KindWithOptions } from './resources/kit/checked-kind.ts'
export {
  type AdvancedKind,
  type Change,
  type Kind,
  type Plan,
  type Reconnect,
  type Refused,
  type Reply,
  type Resource,
  type Resources,
  type Step,
  type Unknown,
} from './resources/kit/kind.ts'
export type { Effect, MountContent, Prediction, PathState } from './resources/prediction/prediction.ts'
export {
  inventory,
  type InventoryData,
  type InventoryGroup,
  type InventoryValue,
  type InventoryVars,
  type TypedInventory,
} from './inventory/sources/typed.ts'
export { shellFunction as inline, raw, sh, type ShellFunction, type Sh } from './sh/quote.ts'
export { secret, type Secret } from './secret.ts'
export { secretText, type SecretData, type SecretPart, type SecretText } from './secret-text.ts'
export type {
  Details,
  DetailsOptions,
  HostDetails,
  HostDisk,
  HostGateway,
  HostLink,
  HostMemory,
  HostMount,
  HostProcessors,
} from './host-details.ts'
export type { Facts, HostNetwork, OsFamily, PackageManager } from './facts.ts'
export { RolecallError, type Place, type Problem, type ProblemCode } from './errors.ts'
export type {
  HostSummary,
  Mode,
  NotBegun,
  ResourceEvent,
  RunEnd,
  RunEvent,
  Status,
  SummaryEvent,
  UnitEnd,
} from './events.ts'
export { z } from 'zod'
export { absent, type AbsentOptions } from './resources/files/absent.ts'
export { archive, type ArchiveOptions } from './resources/downloads/archive.ts'
export { block, type BlockOptions } from './resources/files/block.ts'
export { dir, type DirOptions } from './resources/files/dir.ts'
export type { Checksum } from './resources/downloads/checksum.ts'
export { download, type DownloadOptions } from './resources/downloads/download.ts'
export { dockerCompose, type DockerComposeOptions } from './resources/docker/compose/compose.ts'
export { type ContainerFlags } from './resources/docker/container-flags.ts'
export { dockerContainer, type DockerContainerOptions } from './resources/docker/container.ts'
export { dockerImage, type DockerImageOptions } from './resources/docker/image.ts'
export { exec } from './resources/commands/exec.ts'
export type { ExecOptions } from './resources/commands/exec-options.ts'
export { file, type Content, type FileOptions } from './resources/files/file.ts'
export { iniFile, type IniOptions, type IniValue } from './resources/structured/ini-file.ts'
export { jsonFile } from './resources/structured/json-file.ts'
export { yamlFile } from './resources/structured/yaml-file.ts'
export type { KeysOptions } from './resources/structured/key-options.ts'
export type { DialectName } from './resources/structured/ini-dialect.ts'
export type { Key, KeyedSettings, KeyPath, Setting, Settings } from './resources/kit/tree.ts'
export { acl, type AclEntry, type AclOptions } from './resources/trees/acl.ts'
export { alternatives, type AlternativesOptions } from './resources/system/alternatives.ts'
export { fileCapabilities, type FileCapabilitiesOptions } from './resources/trees/file-capabilities.ts'
export { fileAttributes, type FileAttributesOptions } from './resources/trees/file-attributes.ts'
export { ownership, type OwnershipOptions } from './resources/trees/ownership.ts'
export { filesystem, type FilesystemOptions } from './resources/disks/filesystem.ts'
export { logicalVolume, type LogicalVolumeOptions } from './resources/disks/logical-volume.ts'
export { volumeGroup, type VolumeGroupOptions } from './resources/disks/volume-group.ts'
export { kernelCommandLine, type KernelCommandLineOptions } from './resources/kernel/kernel-command-line.ts'
export { linger, type LingerOptions } from './resources/accounts/linger.ts'
export { passwordAging, type PasswordAgingOptions } from './resources/accounts/password-aging.ts'
export { networkSettings } from './resources/network/network-settings.ts'
export type { NetworkSettingsOptions } from './resources/network/network-managers.ts'
export { flatpak, flatpakRemote, type FlatpakOptions, type FlatpakRemoteOptions } from './resources/packages/flatpak.ts'
export { snap, type SnapOptions } from './resources/packages/snap.ts'
export { selinuxBoolean, type SelinuxBooleanOptions } from './resources/selinux/selinux-boolean.ts'
export { selinuxContext, type SelinuxContextOptions } from './resources/selinux/selinux-context.ts'
export { selinuxMode, type SelinuxModeOptions, type SelinuxState } from './resources/selinux/selinux-mode.ts'
export { selinuxPort, type SelinuxPortOptions } from './resources/selinux/selinux-port.ts'
export { acmeCertificate, type AcmeCertificateOptions } from './resources/tls/acme-certificate.ts'
export { swap, type SwapOptions } from './resources/disks/swap.ts'
export { authorizedKeys, type AuthorizedKeysOptions } from './resources/access/authorized-keys.ts'
export { cron, type CronOptions } from './resources/time/cron.ts'
export type { CronTimes } from './resources/time/cron-times.ts'
export { hostsEntry, type HostsEntryOptions } from './resources/system/hosts-entry.ts'
export { kernelModule, type KernelModuleOptions } from './resources/kernel/kernel-module.ts'
export { keyValue, type KeyValueOptions } from './resources/structured/key-value.ts'
export { knownHosts, type KnownHostsOptions } from './resources/access/known-hosts.ts'
export { limits, type Limit, type LimitsOptions } from './resources/drop-ins/limits.ts'
export { locale, type LocaleOptions } from './resources/system/locale.ts'
export { logrotate, type LogrotateOptions } from './resources/drop-ins/logrotate.ts'
export { mount, type MountOptions } from './resources/disks/mount.ts'
export { profile, type ProfileOptions } from './resources/drop-ins/profile.ts'
export { replace, type ReplaceOptions } from './resources/files/replace.ts'
export { sshdConfig, type SshdConfigOptions, type SshdMatch, type SshdValue } from './resources/access/sshd-config.ts'
export { sudoers, type SudoersOptions, type SudoRule } from './resources/drop-ins/sudoers.ts'
export { template, type TemplateOptions } from './resources/trees/template.ts'
export type { TemplateVariables } from './resources/trees/render.ts'
export { tree, type TreeOptions } from './resources/trees/tree.ts'
export { timezone } from './resources/time/timezone.ts'
export { tmpfiles, type TmpfilesEntry, type TmpfilesOptions } from './resources/drop-ins/tmpfiles.ts'
export { kubeObject, type KubeObjectOptions, type Manifest } from './resources/kubernetes/kube-object.ts'
export { line, type LineOptions } from './resources/files/line.ts'
export { link, type LinkOptions } from './resources/files/link.ts'
export { pkg, type PkgOptions } from './resources/packages/pkg.ts'
export {
  repository,
  type AptRepository,
  type RepositoryKey,
  type RepositoryOptions,
  type YumRepository,
} from './resources/packages/repository/repository.ts'
export { aptPin, type AptPinOptions } from './resources/packages/apt-pin.ts'
export { dpkgDivert, type DpkgDivertOptions } from './resources/packages/apt/dpkg-divert.ts'
export { debconf, type DebconfOptions } from './resources/packages/debconf.ts'
export { packageGroup, type PackageGroupOptions } from './resources/packages/dnf/package-group.ts'
export { packageFile, type PackageFileOptions } from './resources/packages/file/package-file.ts'
export { upgrade, type UpgradeOptions } from './resources/packages/upgrade.ts'
export { mysqlDatabase, type MysqlDatabaseOptions } from './resources/databases/mysql-database.ts'
export { mysqlUser, type MysqlUserOptions } from './resources/databases/mysql-user.ts'
export { postgresDatabase, type PostgresDatabaseOptions } from './resources/databases/postgres-database.ts'
export { postgresExtension, type PostgresExtensionOptions } from './resources/databases/postgres-extension.ts'
export { postgresGrant, type PostgresGrantOptions } from './resources/databases/postgres-grant.ts'
export { postgresUser, type PostgresUserOptions } from './resources/databases/postgres-user.ts'
export { gem, type GemOptions } from './resources/languages/gem.ts'
export { git } from './resources/sources/git.ts'
export type { GitOptions } from './resources/sources/git-steps.ts'
export { npm, npmProject, type NpmOptions, type NpmProjectOptions } from './resources/languages/npm.ts'
export { pip, pipRequirements, type PipOptions, type PipRequirementsOptions } from './resources/languages/pip.ts'
export { caTrust, type CaTrustOptions } from './resources/tls/ca-trust.ts'
export {
  certificate,
  certificateRequest,
  type CertificateOptions,
  type CertificateRequestOptions,
} from './resources/tls/certificate.ts'
export { htpasswd, type HtpasswdOptions, type PasswordChecksum } from './resources/tls/htpasswd.ts'
export { privateKey, type PrivateKeyOptions } from './resources/tls/private-key.ts'
export { sshKeyPair, type SshKeyPairOptions } from './resources/tls/ssh-key-pair.ts'
export { dockerLogin, type DockerLoginOptions } from './resources/docker/login.ts'
export { dockerNetwork, type DockerNetworkOptions } from './resources/docker/network.ts'
export { dockerVolume, type DockerVolumeOptions } from './resources/docker/volume.ts'
export { httpRequest, type HttpRequestOptions } from './resources/commands/http-request.ts'
export { firewalld, type FirewalldOptions } from './resources/network/firewalld.ts'
export { ufw, ufwRule, type UfwOptions, type UfwRuleOptions } from './resources/network/ufw.ts'
export { nftables, type NftablesOptions } from './resources/network/nftables.ts'
export { service, type ServiceOptions } from './resources/systemd/service.ts'
export { dropIn, type DropInOptions } from './resources/drop-ins/unit-drop-in.ts'
export { unit, type UnitOptions } from './resources/systemd/unit.ts'
export type { Sections, UnitValue } from './resources/systemd/unit-text.ts'
export { timer, type TimerOptions } from './resources/systemd/timer.ts'
export { group, type GroupOptions } from './resources/accounts/group.ts'
export { hostname } from './resources/system/hostname.ts'
export { reboot, type RebootOptions } from './resources/system/reboot.ts'
export { sysctl, type SysctlOptions } from './resources/system/sysctl.ts'
export type { SysctlAbsent } from './resources/system/sysctl-absent.ts'
export { user, type UserOptions } from './resources/accounts/user.ts'
export { waitFor, type WaitOptions } from './resources/commands/waiting/wait-for.ts'
export { checkTypes } from './playbook/type-check/check.ts'
export type { AskedPasswords } from './inventory/variables/asked-passwords.ts'
export type { Question } from './runner/units/questions.ts'
export { run, type RunOptions } from './runner/run.ts'
export { pastRun, pastRuns } from './runner/journal/run-history.ts'
export type { PastRun } from './runner/journal/past-run.ts'
export type { Runner, RunRequest } from './runner/journal/request.ts'
export { lab } from './lab/project/definition.ts'
export type { ElPackages, LabDefinition, LabHost, ProjectLab } from './lab/project/types.ts'
export type { ArtifactRecipe, BuildContext } from './lab/artifacts/recipe.ts'
export type { PackageDefinition, PackageFile, PackagePart, RepositoryDefinition } from './lab/bases/el/package.ts'
export { play, type Played, type PlayHost, type PlayOptions } from './runner/play/play.ts'
export type { MemoryAnswer } from './transport/memory.ts'
export type { PlaybookDefinition } from './playbook/definitions.ts'
export type { Commands, ReadArgument, SecretOptions } from './host/command-types.ts'
export type { Evaluation, StepFailure, Validation } from './resources/kit/kind.ts'
export type { EffectOf, GroupEntry, PendingChange, UserEntry } from './resources/prediction/effect.ts'
export type { PendingAccount, PendingAccounts } from './resources/prediction/pending-accounts.ts'
export type { PendingObject, PendingObjects } from './resources/prediction/pending-objects.ts'
export type { PendingPackage, PendingPackages } from './resources/prediction/pending-packages.ts'
export type { PendingPath, PendingPaths } from './resources/prediction/pending-paths.ts'
export type { PendingUnits } from './resources/prediction/pending-units.ts'
export type { PendingSecret } from './resources/prediction/pending-secret.ts'
export type { Word } from './sh/quote.ts'
export type { RequestProblem } from './errors.ts'
export type { CaughtFailure, PlayFailures } from './events.ts'
export type { AbsentState } from './resources/files/absent-state.ts'
export type { Named, NoBlockOptions } from './resources/files/block.ts'
export type { EditOptions } from './resources/files/edit.ts'
export type { NoDirOptions } from './resources/files/dir.ts'
export type { Command } from './resources/commands/exec.ts'
export type { Validator } from './resources/files/writing/validate.ts'
export type { NoLineOptions } from './resources/files/line.ts'
export type { HttpContent, Json } from './resources/commands/http-content.ts'
export type { NetworkSettingsWant } from './resources/network/network-managers.ts'
export type { NftablesWant } from './resources/network/nftables.ts'
export type { RebootCause } from './resources/system/reboot-due.ts'
export type { Patience } from './resources/commands/waiting/wait-for.ts'
export type { Note } from './inventory/graph/notes.ts'
export type { RunHeader } from './runner/journal/journal.ts'
export type { FamilyName } from './lab/family.ts'
