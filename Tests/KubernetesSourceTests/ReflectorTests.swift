import KubernetesClient
import KubernetesObjects
import KubernetesSource
import PolicyModel
import Testing

private let gone = APIError(.status(410), reason: "Expired", message: "too old")
private let cut = APIError(.cut, message: "reset")
private let absent = APIError(.status(404), reason: "NotFound", message: "the server could not find it")

private func seen(_ name: String, version: String = "1", isBroken: Bool = false) -> APIObject {
    let object: ClusterObject? = isBroken ? nil : .pod(Pod(key: NamespacedName("x", name)))
    let problems = isBroken ? [Diagnostic(.error, "cannot be understood")] : []
    return APIObject(
        reference: pod(name), resourceVersion: version, object: object, diagnostics: problems)
}

private func page(_ names: [String], version: String = "10", next: String = "") -> Reflector.Event {
    .page(ListPage(resourceVersion: version, continueToken: next), names.map { seen($0) })
}

private func makeReflector(_ resource: Resource = pods) -> Reflector {
    Reflector(resource, random: SeededGenerator(seed: 7))
}

/// One that watches after a list of these pods.
private func watching(_ names: [String] = ["a", "b"], _ resource: Resource = pods) -> Reflector {
    var reflector = makeReflector(resource)
    _ = reflector.handle(page(names))
    _ = reflector.handle(.opened)
    return reflector
}

extension Reflector {
    fileprivate var watchVersion: String? {
        if case .watch(_, let version, _) = step { version } else { nil }
    }

    fileprivate var pauseLength: Duration? {
        if case .wait(let pause) = step { pause } else { nil }
    }

    /// Waits if that is what to do.
    fileprivate mutating func sit() { if pauseLength != nil { _ = handle(.waited) } }
}

private let firstList = Reflector.Step.list(path: podPath, continueToken: "")

@Suite struct ReflectorTests {
    @Test("Lists page by page, then watches from the last page's version")
    func pages() {
        var reflector = makeReflector()
        #expect(reflector.step == firstList && reflector.state == .waiting)
        #expect(reflector.handle(page(["a"], next: "t")).count == 1)
        #expect(reflector.step == .list(path: podPath, continueToken: "t") && reflector.state == .waiting)
        #expect(reflector.handle(page(["b"], version: "12")).count == 1)
        #expect(reflector.watchVersion == "12" && reflector.state == .current)
        #expect(reflector.known.count == 2)
    }

    @Test("A list that expires between pages begins anew and removes nothing that is there")
    func expiresWhilePaging() {
        var reflector = watching(["a", "b"])
        _ = reflector.handle(.line(.error(WatchEvent.Status(code: 410))))
        #expect(reflector.step == firstList)
        #expect(reflector.handle(page(["a"], next: "t")).allSatisfy { $0 != .remove(pod("b")) })
        #expect(reflector.handle(.failed(gone)) == [])
        reflector.sit()
        #expect(reflector.step == firstList)
        #expect(reflector.handle(page(["b"])).last == .remove(pod("a")))
        #expect(reflector.known == [NamespacedName("x", "b")])
    }

    @Test("A failed page is asked for again")
    func pageAgain() {
        var reflector = makeReflector()
        _ = reflector.handle(page(["a"], next: "t"))
        _ = reflector.handle(.failed(cut))
        #expect((reflector.pauseLength ?? .seconds(99)) <= .milliseconds(500))
        reflector.sit()
        #expect(reflector.step == .list(path: podPath, continueToken: "t"))
    }

    @Test("Pages that repeat themselves do not go on for ever")
    func repeatingPages() {
        var reflector = makeReflector()
        _ = reflector.handle(page(["a"], next: "t"))
        _ = reflector.handle(page(["a"], next: "t"))
        #expect(reflector.pauseLength != nil)
        reflector.sit()
        #expect(reflector.step == firstList)
    }

    @Test("Events and bookmarks move the place from which a watch is resumed")
    func resumes() {
        var reflector = watching()
        let changes = reflector.handle(.line(.changed(seen("c", version: "11"))))
        #expect(changes.count == 1 && reflector.watchVersion == "11")
        #expect(reflector.handle(.line(.deleted(pod("a"), resourceVersion: "12"))) == [.remove(pod("a"))])
        #expect(reflector.handle(.line(.deleted(pod("a"), resourceVersion: "12"))) == [])
        #expect(reflector.handle(.line(.bookmark(resourceVersion: "40"))) == [])
        #expect(reflector.handle(.ended(after: .seconds(400))) == [])
        #expect(reflector.watchVersion == "40" && !reflector.isOpen && reflector.state == .current)
    }

    @Test("C4: a watch that ends at once, again and again, is not asked for without pause, and leads to a list")
    func endsAtOnce() {
        var reflector = watching()
        for round in 0..<3 {
            for _ in 0..<2 {
                _ = reflector.handle(.ended(after: .milliseconds(3)))
                #expect(reflector.pauseLength != nil)
                reflector.sit()
                #expect(reflector.watchVersion == "10" && reflector.problem == nil, "round \(round)")
                _ = reflector.handle(.opened)
            }
            _ = reflector.handle(.ended(after: .milliseconds(3)))
            #expect(reflector.pauseLength != nil && reflector.state == .stale)
            #expect(reflector.problem?.contains("end at once") == true)
            reflector.sit()
            #expect(reflector.step == firstList)
            // What was missed is heard of.
            #expect(
                reflector.handle(page(["b", "c"])).contains {
                    if case .set(pod("c"), _, _, _) = $0 { true } else { false }
                })
            #expect(reflector.state == .current && reflector.problem == nil)
            _ = reflector.handle(.opened)
        }
    }

    @Test("C4: a watch that tells something, or lasts, is as good as any")
    func tellsSomething() {
        var reflector = watching()
        for number in 0..<9 {
            if number % 2 == 0 {
                _ = reflector.handle(.line(.bookmark(resourceVersion: "\(20 + number)")))
                _ = reflector.handle(.ended(after: .milliseconds(3)))
            } else {
                _ = reflector.handle(.ended(after: .seconds(2)))
            }
            reflector.sit()
            #expect(reflector.watchVersion != nil && reflector.state == .current)
            _ = reflector.handle(.opened)
        }
    }

    @Test("C3: a refused optional resource is not served only if the server says that it has no such thing")
    func refusedOptional() {
        let resource = Resource(
            name: "clusternetworkpolicies", kind: .clusterNetworkPolicy,
            paths: ["/apis/g.io/v2/clusternetworkpolicies", "/apis/g.io/v1/clusternetworkpolicies"], isOptional: true)
        let forbidden = APIError(.status(403), reason: "Forbidden", message: "no")
        var reflector = makeReflector(resource)
        _ = reflector.handle(.failed(forbidden))
        #expect(reflector.step == .discover(path: "/apis/g.io/v2"))
        #expect(
            reflector.isForbidden
                && reflector.problem?.contains(
                    "grant the agent's service account the verbs list and watch on clusternetworkpolicies in API group g.io"
                ) == true)
        _ = reflector.handle(.discovered(isServed: false))
        #expect(reflector.step == .list(path: resource.paths[1], continueToken: "") && reflector.state == .waiting)
        // Served, or nobody knows: it stays awaited.
        for answer in [true, nil] as [Bool?] {
            _ = reflector.handle(.failed(forbidden))
            #expect(reflector.step == .discover(path: "/apis/g.io/v1"))
            _ = reflector.handle(.discovered(isServed: answer))
            #expect(reflector.pauseLength != nil && reflector.state == .waiting && reflector.isForbidden)
            reflector.sit()
        }
        _ = reflector.handle(.failed(APIError(.status(500), message: "oh")))
        #expect(reflector.state == .waiting && !reflector.isForbidden)
        reflector.sit()
        _ = reflector.handle(.failed(forbidden))
        _ = reflector.handle(.discovered(isServed: false))
        _ = reflector.handle(.failed(forbidden))
        _ = reflector.handle(.discovered(isServed: false))
        #expect(reflector.state == .notServed && reflector.problem == nil && !reflector.isForbidden)
    }

    @Test("410 leads to a new list, whether as a status or as an event; what is gone is removed")
    func lists() {
        for event in [Reflector.Event.failed(gone), .line(.error(WatchEvent.Status(code: 410)))] {
            var reflector = watching()
            #expect(reflector.handle(event) == [])
            #expect(reflector.step == firstList && reflector.state == .current && reflector.problem == nil)
            let changes = reflector.handle(page(["b", "c"]))
            #expect(changes.last == .remove(pod("a")) && changes.count == 3)
            // Again before the watch told anything: not without pause.
            _ = reflector.handle(event)
            #expect(reflector.pauseLength != nil)
            reflector.sit()
            #expect(reflector.step == firstList)
        }
    }

    @Test("C4: a silent watch is resumed and is no failure yet, but silence upon silence leads to a list")
    func silence() {
        var reflector = watching()
        for _ in 0..<2 {
            _ = reflector.handle(.failed(APIError(.timedOut, message: "silent")))
            #expect(reflector.state == .current && reflector.problem == nil)
            #expect((reflector.pauseLength ?? .zero) <= .milliseconds(500))
            reflector.sit()
            #expect(reflector.watchVersion == "10")
            _ = reflector.handle(.opened)
        }
        _ = reflector.handle(.failed(APIError(.timedOut, message: "silent")))
        #expect(reflector.state == .stale && reflector.problem?.contains("bookmark") == true)
        reflector.sit()
        #expect(reflector.step == firstList)
        _ = reflector.handle(page(["a"]))
        _ = reflector.handle(.opened)
        #expect(reflector.state == .current)
        // Nobody answers when it is opened again: that is one.
        _ = reflector.handle(.failed(APIError(.timedOut, message: "silent")))
        reflector.sit()
        _ = reflector.handle(.failed(APIError(.timedOut, message: "no answer")))
        #expect(reflector.state == .stale && reflector.problem == "no answer")
    }

    @Test("Pauses grow to half a minute, differ, and begin anew after progress")
    func backoff() {
        var reflector = watching()
        var pauses: [Duration] = []
        for _ in 0..<200 {
            _ = reflector.handle(.failed(cut))
            pauses.append(reflector.pauseLength ?? .zero)
            reflector.sit()
        }
        #expect(pauses.allSatisfy { $0 <= .seconds(30) } && pauses[0] <= .milliseconds(500))
        #expect(pauses.contains { $0 > .seconds(15) } && Set(pauses).count > 150)
        #expect(reflector.watchVersion == "10" && reflector.state == .stale)
        _ = reflector.handle(.opened)
        #expect(reflector.state == .current)
        _ = reflector.handle(.line(.bookmark(resourceVersion: "11")))
        _ = reflector.handle(.failed(cut))
        #expect((reflector.pauseLength ?? .zero) <= .milliseconds(500))
    }

    @Test("Retry-After is kept to, within reason", arguments: [429, 500, 503])
    func retryAfter(code: Int) {
        var reflector = makeReflector()
        _ = reflector.handle(.failed(APIError(.status(code), message: "later", retryAfter: .seconds(40))))
        #expect((.seconds(40)...(.seconds(41))).contains(reflector.pauseLength ?? .zero))
        reflector.sit()
        _ = reflector.handle(.failed(APIError(.status(code), message: "later", retryAfter: .seconds(90_000))))
        #expect((reflector.pauseLength ?? .zero) <= .seconds(301))
        #expect(reflector.state == .waiting && reflector.problem == "later")
    }

    @Test("A broken line is tried once more, then there is a list")
    func brokenLines() {
        var reflector = watching()
        _ = reflector.handle(.line(.bookmark(resourceVersion: "20")))
        _ = reflector.handle(.brokenLine("no JSON"))
        #expect(!reflector.isOpen && reflector.pauseLength != nil)
        reflector.sit()
        #expect(reflector.watchVersion == "20")
        _ = reflector.handle(.opened)
        _ = reflector.handle(.brokenLine("no JSON"))
        reflector.sit()
        #expect(reflector.step == firstList)
        // Elsewhere it is the first time again.
        _ = reflector.handle(page(["a"], version: "20"))
        _ = reflector.handle(.opened)
        _ = reflector.handle(.brokenLine("no JSON"))
        reflector.sit()
        #expect(reflector.watchVersion == "20")
    }

    @Test("An object that cannot be understood leaves what was known")
    func keeps() {
        var reflector = watching()
        let problem = [Diagnostic(.error, "cannot be understood")]
        #expect(
            reflector.handle(.line(.changed(seen("a", version: "11", isBroken: true))))
                == [.keep(pod("a"), problem)])
        #expect(reflector.known.count == 2 && reflector.watchVersion == "11")
        _ = reflector.handle(.failed(gone))
        reflector.sit()
        let listed = Reflector.Event.page(
            ListPage(resourceVersion: "12"), [seen("a", isBroken: true), seen("b")])
        #expect(!reflector.handle(listed).contains(.remove(pod("a"))))
        // One that takes no part in verdicts is none that could not be understood.
        let irrelevant = APIObject(reference: pod("b"), resourceVersion: "13", object: nil)
        #expect(reflector.handle(.line(.changed(irrelevant))) == [.remove(pod("b"))])
    }

    @Test("A refusal names the resource and is asked about ever more slowly", arguments: [401, 403])
    func refusal(code: Int) {
        var reflector = watching()
        var pauses: [Duration] = []
        for _ in 0..<200 {
            _ = reflector.handle(.failed(APIError(.status(code), message: "no")))
            #expect(reflector.state == .stale && reflector.problem?.contains("pods") == true)
            pauses.append(reflector.pauseLength ?? .zero)
            reflector.sit()
            #expect(reflector.watchVersion == "10" && reflector.known.count == 2)
        }
        #expect(pauses[0] <= .milliseconds(500) && pauses.allSatisfy { $0 <= .seconds(30) })
        #expect(pauses.contains { $0 > .seconds(15) })
    }

    @Test("A watch that lasted counts as a success, though nothing changed")
    func lasted() {
        var reflector = watching()
        let cut = APIError(.cut, message: "cut")
        for _ in 0..<100 {
            _ = reflector.handle(.opened)
            _ = reflector.handle(.failed(cut, after: .seconds(60)))
            #expect(reflector.pauseLength ?? .zero <= .milliseconds(500))
            reflector.sit()
        }
        var longest = Duration.zero
        for _ in 0..<100 {
            _ = reflector.handle(.opened)
            _ = reflector.handle(.failed(cut, after: .milliseconds(10)))
            longest = max(longest, reflector.pauseLength ?? .zero)
            reflector.sit()
        }
        #expect(longest > .seconds(15))
    }

    @Test("Where one path is not served the next is asked")
    func candidates() {
        let resource = Resource(name: "pods", kind: .pod, paths: ["/new", "/old"])
        var reflector = makeReflector(resource)
        _ = reflector.handle(.failed(absent))
        #expect(reflector.step == .list(path: "/old", continueToken: ""))
        _ = reflector.handle(page(["a"]))
        #expect(reflector.state == .current)
        // An upgrade takes the old one away while it is watched.
        _ = reflector.handle(.failed(absent))
        #expect(reflector.step == .list(path: "/new", continueToken: ""))
        #expect(reflector.known.count == 1)
    }

    @Test("A required resource that is nowhere is an error and keeps what it had")
    func required() {
        var reflector = watching()
        for _ in 0..<5 {
            #expect(reflector.handle(.failed(absent)) == [])
            #expect(reflector.state == .stale && reflector.problem != nil && reflector.pauseLength != nil)
            reflector.sit()
        }
        #expect(reflector.known.count == 2)
    }

    @Test("An optional resource may be absent, appear, and vanish if that is seen twice")
    func optional() {
        let resource = Resource(name: "pods", kind: .pod, paths: ["/new", "/old"], isOptional: true)
        var reflector = makeReflector(resource)
        _ = reflector.handle(.failed(absent))
        _ = reflector.handle(.failed(absent))
        #expect(reflector.state == .notServed && reflector.problem == nil)
        #expect((.seconds(20)...(.seconds(40))).contains(reflector.pauseLength ?? .zero))
        reflector.sit()
        _ = reflector.handle(page(["a", "b"]))
        #expect(reflector.state == .current)
        #expect(reflector.handle(.failed(absent)) == [])
        #expect(reflector.handle(.failed(absent)) == [])
        #expect(reflector.state == .stale)
        #expect((.seconds(3)...(.seconds(10))).contains(reflector.pauseLength ?? .zero))
        reflector.sit()
        // It was only a moment.
        _ = reflector.handle(page(["a", "b"]))
        #expect(reflector.handle(.failed(absent)) == [] && reflector.handle(.failed(absent)) == [])
        reflector.sit()
        #expect(reflector.handle(.failed(absent)) == [])
        let changes = reflector.handle(.failed(absent))
        #expect(Set(changes) == [.remove(pod("a")), .remove(pod("b"))])
        #expect(reflector.state == .notServed && reflector.known.isEmpty)
    }

    @Test("A watch that the server does not understand leads to a list")
    func badRequest() {
        var reflector = watching()
        _ = reflector.handle(.failed(APIError(.status(400), message: "invalid resource version")))
        reflector.sit()
        #expect(reflector.step == firstList)
    }
}
