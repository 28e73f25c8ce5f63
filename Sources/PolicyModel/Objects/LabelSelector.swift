public typealias Labels = [String: String]

/// A meta/v1 `LabelSelector`; `matchLabels` are held as `in` requirements.
///
/// A selector without requirements matches everything.
public struct LabelSelector: Hashable, Sendable, Codable {
    public struct Requirement: Hashable, Sendable, Codable {
        /// `matchExpressions[].operator`.
        public enum Operator: String, Hashable, Sendable, CaseIterable, Codable {
            case `in` = "In"
            case notIn = "NotIn"
            case exists = "Exists"
            case doesNotExist = "DoesNotExist"
        }

        public var key: String
        public var `operator`: Operator
        /// Empty for `exists` and `doesNotExist`.
        public var values: [String]

        public init(key: String, operator: Operator, values: [String] = []) {
            self.key = key
            self.operator = `operator`
            self.values = values
        }

        /// `NotIn` also matches labels that lack the key
        /// (apimachinery `labels.Requirement.Matches`).
        public func matches(_ labels: Labels) -> Bool {
            let value = labels[key]
            return switch `operator` {
            case .in: value.map(values.contains) ?? false
            case .notIn: value.map { !values.contains($0) } ?? true
            case .exists: value != nil
            case .doesNotExist: value == nil
            }
        }
    }

    public var requirements: [Requirement]

    public init(_ requirements: [Requirement] = []) {
        self.requirements = requirements
    }

    /// Labels that must all be there with these values.
    public init(matchLabels: Labels) {
        self.init(
            matchLabels.sorted { $0.key < $1.key }
                .map { Requirement(key: $0.key, operator: .in, values: [$0.value]) })
    }

    public func matches(_ labels: Labels) -> Bool {
        requirements.allSatisfy { $0.matches(labels) }
    }
}

extension LabelSelector: CustomStringConvertible {
    /// As `kubectl get -l` takes it, for people: `app=web,tier in (a, b)`.
    public var description: String { requirements.map(\.description).joined(separator: ",") }
}

extension LabelSelector.Requirement: CustomStringConvertible {
    public var description: String {
        switch `operator` {
        case .in where values.count == 1: "\(key)=\(values[0])"
        case .in: "\(key) in (\(values.joined(separator: ", ")))"
        case .notIn: "\(key) notin (\(values.joined(separator: ", ")))"
        case .exists: key
        case .doesNotExist: "!\(key)"
        }
    }
}
