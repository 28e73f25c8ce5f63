#include "build_info.h"

const char *sluice_build_version(void) { return SLUICE_VERSION; }
