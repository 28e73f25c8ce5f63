package import CSluice
package import VerdictTables

/// `rules`: sluice_rule_key -> sluice_rule.
package enum RuleCodec: MapCodec {
    package static let map = DatapathMap.rules

    package static func encode(key: RuleKey) -> sluice_rule_key {
        sluice_rule_key(
            policy_set: key.policySet.rawValue, address_class: key.addressClass.rawValue)
    }

    package static func decode(key raw: sluice_rule_key) -> RuleKey? {
        RuleKey(PolicySetID(rawValue: raw.policy_set), AddressClassID(rawValue: raw.address_class))
    }

    package static func encode(value: Rule) -> sluice_rule {
        var raw = sluice_rule()
        switch value {
        case .always(let decision):
            raw.action = decision.action.rawValue
            raw.names = sluice_precedence(decision.dnsPrecedence)
            raw.cause = decision.cause.rawValue
        case .byPort(let portSet, let otherwise, let dnsPrecedence):
            raw.action = SLUICE_BY_PORT.rawValue
            raw.names = sluice_precedence(dnsPrecedence)
            raw.port_set = portSet.rawValue
            raw.cause = otherwise.rawValue
        }
        return raw
    }

    package static func decode(value raw: sluice_rule) -> Rule? {
        let cause = CauseID(rawValue: raw.cause)
        if raw.action == SLUICE_BY_PORT.rawValue {
            return .byPort(
                PortSetID(rawValue: raw.port_set), otherwise: cause, dnsPrecedence: Precedence(raw.names))
        }
        guard let action = Action(rawValue: raw.action), raw.port_set == 0 else { return nil }
        return .always(Decision(action, cause, dnsPrecedence: Precedence(raw.names)))
    }
}

extension sluice_precedence {
    init(_ precedence: Precedence) {
        self.init(admin: precedence.admin, grace: precedence.grace)
    }
}

extension Precedence {
    init(_ raw: sluice_precedence) {
        self.init(admin: raw.admin, grace: raw.grace)
    }
}
