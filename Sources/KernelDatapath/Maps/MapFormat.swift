import CLibbpf

/// How a map's keys and values are laid out, as the description says that the kernel keeps with the map
/// (BTF, Documentation/bpf/btf.rst): two builds mean the same by their bytes if these are equal.
package struct MapFormat: Hashable {
    package let key: String
    package let value: String

    /// nil if the map came without a description.
    package init?(_ info: MapInfo) {
        guard info.btfID != 0, let types = btf__load_from_kernel_by_id(info.btfID) else { return nil }
        defer { btf__free(types) }
        guard let key = Self.spell(info.btfKeyType, types), let value = Self.spell(info.btfValueType, types)
        else { return nil }
        self.key = key
        self.value = value
    }

    /// The type with all that is in it, by names, bit offsets and bytes; nil for what no map of ours holds.
    private static func spell(_ id: UInt32, _ types: OpaquePointer) -> String? {
        let resolved = btf__resolve_type(types, id)
        guard resolved > 0, let type = btf__type_by_id(types, UInt32(resolved)) else { return nil }
        func name(_ offset: UInt32) -> String { btf__name_by_offset(types, offset).map { String(cString: $0) } ?? "" }
        switch UInt32(btf_kind(type)) {
        case UInt32(BTF_KIND_INT): return "\(btf__resolve_size(types, id))"
        case UInt32(BTF_KIND_ARRAY):
            let array = btf_array(type).pointee
            return spell(array.type, types).map { "[\(array.nelems) \($0)]" }
        case UInt32(BTF_KIND_STRUCT), UInt32(BTF_KIND_UNION):
            var text = "\(name(type.pointee.name_off)) \(type.pointee.size) {"
            for index in 0..<UInt32(btf_vlen(type)) {
                let member = btf_members(type)[Int(index)]
                guard let inner = spell(member.type, types) else { return nil }
                text += "\(name(member.name_off)) @\(btf_member_bit_offset(type, index)) \(inner), "
            }
            return text + "}"
        default: return nil
        }
    }
}
