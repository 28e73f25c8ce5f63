import CSluice
package import PolicyModel
package import VerdictTables

/// The numbers that the programs have for values of Swift enums.

extension FlowVerdict {
    /// enum sluice_verdict_kind; nil if there is no such number.
    package init?(kernelValue: UInt8) {
        switch UInt32(kernelValue) {
        case SLUICE_VERDICT_DENIED.rawValue: self = .denied
        case SLUICE_VERDICT_ALLOWED.rawValue: self = .allowed
        case SLUICE_VERDICT_AUDIT.rawValue: self = .audit
        case SLUICE_VERDICT_HELD.rawValue: self = .held
        default: return nil
        }
    }

    package var kernelValue: UInt8 {
        switch self {
        case .denied: UInt8(SLUICE_VERDICT_DENIED.rawValue)
        case .allowed: UInt8(SLUICE_VERDICT_ALLOWED.rawValue)
        case .audit: UInt8(SLUICE_VERDICT_AUDIT.rawValue)
        case .held: UInt8(SLUICE_VERDICT_HELD.rawValue)
        }
    }
}

extension FlowHook {
    /// enum sluice_hook; nil if there is no such number. The agent alone says `dns`.
    package init?(kernelValue: UInt8) {
        switch UInt32(kernelValue) {
        case SLUICE_HOOK_EGRESS.rawValue: self = .egress
        case SLUICE_HOOK_CONNECT.rawValue: self = .connect
        case SLUICE_HOOK_SENDMSG.rawValue: self = .sendmsg
        default: return nil
        }
    }
}

extension NodeSettings.Posture {
    /// enum sluice_posture; nil if there is no such number.
    package init?(kernelValue: UInt32) {
        switch kernelValue {
        case SLUICE_POSTURE_GUARDS.rawValue: self = .guards
        case SLUICE_POSTURE_HOLD.rawValue: self = .hold
        default: return nil
        }
    }

    package var kernelValue: UInt32 {
        switch self {
        case .guards: SLUICE_POSTURE_GUARDS.rawValue
        case .hold: SLUICE_POSTURE_HOLD.rawValue
        }
    }
}
