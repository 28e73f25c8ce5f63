#include "CSluiceObject.h"

static const unsigned char object[] = {
#embed "../../bpf/sluice.bpf.o"
};

const unsigned char *sluice_object_bytes(size_t *size)
{
	*size = sizeof(object);
	return object;
}
