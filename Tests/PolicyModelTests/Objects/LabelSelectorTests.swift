import PolicyModel
import Testing

@Suite struct LabelSelectorTests {
    private static let web: Labels = ["app": "web", "tier": "fe"]

    @Test(
        "matches",
        arguments: [
            (LabelSelector(), web, true),
            (LabelSelector(), [:], true),
            (LabelSelector(matchLabels: ["app": "web"]), web, true),
            (LabelSelector(matchLabels: ["app": "web", "tier": "be"]), web, false),
            (LabelSelector(matchLabels: ["app": ""]), [:], false),
            (LabelSelector([.init(key: "app", operator: .in, values: ["api", "web"])]), web, true),
            (LabelSelector([.init(key: "env", operator: .in, values: ["prod"])]), web, false),
            (LabelSelector([.init(key: "app", operator: .notIn, values: ["web"])]), web, false),
            (LabelSelector([.init(key: "app", operator: .notIn, values: ["api"])]), web, true),
            // NotIn matches what lacks the key.
            (LabelSelector([.init(key: "env", operator: .notIn, values: ["prod"])]), web, true),
            (LabelSelector([.init(key: "app", operator: .exists)]), web, true),
            (LabelSelector([.init(key: "env", operator: .exists)]), web, false),
            (LabelSelector([.init(key: "app", operator: .doesNotExist)]), web, false),
            (LabelSelector([.init(key: "env", operator: .doesNotExist)]), web, true),
            // All requirements must hold, also two about one key.
            (
                LabelSelector([
                    .init(key: "app", operator: .exists), .init(key: "app", operator: .notIn, values: ["web"]),
                ]), web, false
            ),
        ] as [(LabelSelector, Labels, Bool)])
    func matches(selector: LabelSelector, labels: Labels, expected: Bool) {
        #expect(selector.matches(labels) == expected)
    }
}
