/** What mappings may name of a device of Intune or of Entra ID (sources/entra/devices.ts), and what it is. */

/** Of every device; what conditions may ask. */
export const DEVICE_PROPERTIES: { readonly [property: string]: string } = {
  deviceName: "Its name.",
  serialNumber: "Its serial number; empty of devices that Intune does not manage.",
  model: "Its model.",
  manufacturer: "Its manufacturer.",
  operatingSystem: "`Windows`, `macOS`, `iOS`, `Android`, as Microsoft writes it.",
  osVersion: "The version of its operating system.",
  complianceState: "`compliant`, `noncompliant`, `inGracePeriod`, `unknown`, ….",
  ownerType: "`company`, `personal` or `unknown`.",
  managed: "`true`: Intune manages it; `false`: it is only registered in Entra ID.",
};

/** What templates over a device may name. */
export const DEVICE_FIELDS: readonly string[] = [
  ...Object.keys(DEVICE_PROPERTIES).filter((name) => name !== "managed"),
  ...["lastSyncDateTime", "enrolledDateTime", "userPrincipalName", "azureADDeviceId"],
];
