/** Something that ssh refuses, in its own words; several lines where there are several faults. */
export class ConfigFault extends Error {}
