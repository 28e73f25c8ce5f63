import PolicyModel

// The oracle's own reading of selectors, blocks and ports. It shares nothing
// with the code under test but the model's plain fields.

/// meta/v1 LabelSelector: all requirements must hold.
func oracleSelects(_ selector: LabelSelector, _ labels: Labels) -> Bool {
    for requirement in selector.requirements {
        let held: Bool
        switch (requirement.operator, labels[requirement.key]) {
        case (.in, let value?): held = requirement.values.contains(value)
        case (.in, nil): held = false
        case (.notIn, let value?): held = !requirement.values.contains(value)
        case (.notIn, nil): held = true
        case (.exists, let value): held = value != nil
        case (.doesNotExist, let value): held = value == nil
        }
        if !held { return false }
    }
    return true
}

/// Whether the address lies in the block: of the same family, and the same in
/// its leading bits.
func oracleContains(_ block: Prefix, _ address: IPAddress) -> Bool {
    func isMapped(_ address: IPAddress) -> Bool {
        address.high == 0 && address.low / 0x1_0000_0000 == 0xffff
    }
    let blockIsIPv4 = block.length >= 96 && isMapped(block.address)
    guard blockIsIPv4 == isMapped(address) else { return false }
    if block.length <= 64 {
        let ignored = UInt64(64 - block.length)
        return block.length == 0 || block.address.high >> ignored == address.high >> ignored
    }
    let ignored = UInt64(128 - block.length)
    return block.address.high == address.high
        && block.address.low >> ignored == address.low >> ignored
}

func oracleContains(_ block: IPBlock, _ address: IPAddress) -> Bool {
    guard oracleContains(block.prefix, address) else { return false }
    for hole in block.except where oracleContains(hole, address) { return false }
    return true
}

/// - Parameter pods: those on whose containers a name is looked up.
func oracleCovers(_ ports: [PolicyPort]?, _ number: UInt8, _ port: UInt16, on pods: [Pod]) -> Bool {
    guard let ports else { return true }
    for entry in ports where entry.protocol.rawValue == number {
        switch entry.number {
        case .any: return true
        case .range(let range): if port >= range.lowerBound && port <= range.upperBound { return true }
        case .named(let name):
            for pod in pods {
                for own in pod.namedPorts
                where own.name == name && own.protocol.rawValue == number && own.number == port {
                    return true
                }
            }
        }
    }
    return false
}
