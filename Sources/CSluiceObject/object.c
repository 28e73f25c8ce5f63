#include "CSluiceObject.h"

static const unsigned char object[] = {
#embed "../../bpf/sluice.bpf.o"
};

static const unsigned char lsm_object[] = {
#embed "../../bpf/lsm.bpf.o"
};

static const unsigned char flows_object[] = {
#embed "../../bpf/flows.bpf.o"
};

const unsigned char *sluice_object_bytes(size_t *size)
{
	*size = sizeof(object);
	return object;
}

const unsigned char *sluice_lsm_object_bytes(size_t *size)
{
	*size = sizeof(lsm_object);
	return lsm_object;
}

const unsigned char *sluice_flows_object_bytes(size_t *size)
{
	*size = sizeof(flows_object);
	return flows_object;
}
