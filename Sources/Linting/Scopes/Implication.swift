import PolicyModel

/// What selectors say of each other by their form alone: it then holds whatever
/// objects there are.
extension LabelSelector {
    /// Whether everything that this matches is matched by the other one. May say
    /// no where it is so.
    func implies(_ other: LabelSelector) -> Bool {
        other.requirements.allSatisfy { wanted in requirements.contains { $0.implies(wanted) } }
    }

    /// Two requirements that no labels fulfil together, or one that none fulfil.
    var contradiction: String? {
        for (place, requirement) in requirements.enumerated() {
            if requirement.operator == .in && requirement.values.isEmpty { return "\(requirement)" }
            for other in requirements[..<place] where requirement.excludes(other) {
                return "\(other) and \(requirement)"
            }
        }
        return nil
    }
}

extension LabelSelector.Requirement {
    fileprivate func implies(_ other: Self) -> Bool {
        guard key == other.key else { return false }
        return switch (`operator`, other.operator) {
        case (.in, .in): Set(values).isSubset(of: other.values)
        case (.in, .notIn): Set(values).isDisjoint(with: other.values)
        case (.in, .exists): !values.isEmpty
        case (.notIn, .notIn): Set(values).isSuperset(of: other.values)
        case (.exists, .exists), (.doesNotExist, .doesNotExist), (.doesNotExist, .notIn): true
        default: false
        }
    }

    fileprivate func excludes(_ other: Self) -> Bool {
        guard key == other.key else { return false }
        return switch (`operator`, other.operator) {
        case (.in, .in): Set(values).isDisjoint(with: other.values)
        case (.in, .notIn): Set(values).isSubset(of: other.values)
        case (.notIn, .in): Set(other.values).isSubset(of: values)
        case (.in, .doesNotExist), (.exists, .doesNotExist), (.doesNotExist, .in), (.doesNotExist, .exists): true
        default: false
        }
    }
}

extension PodSelection {
    func implies(_ other: PodSelection) -> Bool {
        pods.implies(other.pods) && namespaces.implies(other.namespaces)
    }

    var contradiction: String? { namespaces.contradiction ?? pods.contradiction }
}
