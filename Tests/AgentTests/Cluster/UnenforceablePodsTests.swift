import Agent
import PolicyModel
import Testing

@Suite struct UnenforceablePodsTests {
    @Test(
        "E2: each such pod is told once in an hour, again if the reason is another, and by the same name after a restart"
    )
    func told() {
        let start = Moment.now
        func moment(_ seconds: Int) -> Moment {
            Moment(instant: start.instant + .seconds(seconds), seconds: start.seconds + seconds)
        }
        var pods = UnenforceablePods(node: "n1", at: start)
        let web = (key: NamespacedName("shop", "web"), uid: "u1", reason: "gVisor")
        pods.set([web])
        let first = pods.due(at: start)
        #expect(first.map(\.event.involvedObject.name) == ["web"] && first[0].event.reason == "NotEnforced")
        #expect(first[0].event.message.contains("gVisor"))
        pods.set([web])
        #expect(pods.due(at: moment(60)).isEmpty)
        pods.set([(web.key, web.uid, "Kata")])
        let second = pods.due(at: moment(61))
        #expect(second.count == 1 && second[0].event.metadata.name != first[0].event.metadata.name)
        var successor = UnenforceablePods(node: "n1", at: start)
        successor.set([web])
        #expect(successor.due(at: start).first?.event.metadata.name == first[0].event.metadata.name)
        pods.set([])
        #expect(pods.due(at: moment(8000)).isEmpty)
    }

    @Test("E2: many such pods do not crowd other Events out")
    func bounded() {
        let start = Moment.now
        var pods = UnenforceablePods(node: "n1", at: start)
        pods.set((0..<500).map { (NamespacedName("shop", "p\($0)"), "u\($0)", "Kata") })
        #expect(pods.due(at: start).count == 10)
    }
}
