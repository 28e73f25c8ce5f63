#pragma once

/* The version of this build: see `version` in Package.swift. */
const char *sluice_build_version(void);
