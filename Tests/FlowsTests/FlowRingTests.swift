import Flows
import Testing

@Suite("The latest flows, and who reads them")
struct FlowRingTests {
    /// Flows that count in their ports, from 0 on.
    static func ring(_ count: Int, capacity: Int) -> FlowRing {
        var ring = FlowRing(capacity: capacity)
        for number in 0..<count { ring.append(flow(number)) }
        return ring
    }

    static func flow(_ number: Int) -> Flow {
        someFlow {
            $0.transport.destinationPort = UInt16(number)
            $0.time.nanoseconds = UInt64(number)
        }
    }

    func ports(_ page: FlowRing.Page) -> [UInt16] { page.entries.map(\.flow.transport.destinationPort) }

    @Test("it keeps the last ones under their numbers", arguments: [1, 2, 3, 7, 10, 11])
    func keeping(_ capacity: Int) {
        for count in 0..<30 {
            let ring = Self.ring(count, capacity: capacity)
            let kept = Array(max(0, count - capacity)..<count)
            #expect(ring.start == UInt64(kept.first ?? count) && ring.end == UInt64(count))
            let all = ring.page(from: 0, atMost: 100)
            #expect(ports(all) == kept.map { UInt16($0) } && all.start == ring.start && all.next == ring.end)
        }
    }

    @Test("pages go on where the last one ended")
    func pages() {
        let ring = Self.ring(10, capacity: 6)
        #expect(ports(ring.page(from: 5, atMost: 2)) == [5, 6])
        #expect(ports(ring.page(from: 8, atMost: 5)) == [8, 9])
        #expect(ports(ring.page(from: 10, atMost: 5)) == [] && ring.page(from: 10, atMost: 5).next == 10)
        #expect(ports(ring.page(from: 99, atMost: 5)) == [])
    }

    /// The ports that a request is answered with, page by page.
    func answers(_ request: FlowRequest, _ ring: FlowRing, page: Int = 3) -> [UInt16] {
        var cursor = FlowCursor(request, in: ring)
        var ports: [UInt16] = []
        while !cursor.isAtEnd, cursor.next < ring.end {
            let page = ring.page(from: cursor.next, atMost: page)
            for case .flow(let number, let index) in cursor.consume(page) {
                #expect(page.entries[index].number == number)
                ports.append(page.entries[index].flow.transport.destinationPort)
            }
        }
        return ports
    }

    @Test("the last so many that are wanted, in the order in which they came")
    func last() {
        let ring = Self.ring(20, capacity: 15)
        #expect(answers(FlowRequest(last: 3), ring) == [17, 18, 19])
        #expect(answers(FlowRequest(last: 0), ring) == [])
        #expect(answers(FlowRequest(last: 99), ring) == Array(5..<20))
        #expect(answers(FlowRequest(), ring) == Array(5..<20))
        #expect(answers(FlowRequest(follow: true), ring) == [])
        #expect(answers(FlowRequest(last: 2, follow: true), ring) == [18, 19])
        let few = FlowFilter(wanted: [.toPort(3...8), .toPort(11...11)])
        #expect(answers(FlowRequest(filter: few, last: 3), ring) == [7, 8, 11])
        #expect(answers(FlowRequest(filter: few, last: 30), ring) == [5, 6, 7, 8, 11])
        let late = FlowFilter(since: FlowTime(nanoseconds: 18))
        #expect(answers(FlowRequest(filter: late), ring) == [18, 19])
        #expect(answers(FlowRequest(filter: late, follow: true), ring) == [18, 19])
        #expect(answers(FlowRequest(filter: late, last: 1), ring) == [19])
    }

    @Test("an answer without following ends with what was there when it was asked for")
    func end() {
        var ring = Self.ring(4, capacity: 10)
        var cursor = FlowCursor(FlowRequest(), in: ring)
        ring.append(Self.flow(4))
        #expect(cursor.consume(ring.page(from: cursor.next, atMost: 100)).count == 4)
        #expect(cursor.isAtEnd)
        #expect(FlowCursor(FlowRequest(), in: FlowRing(capacity: 1)).isAtEnd)
        #expect(!FlowCursor(FlowRequest(follow: true), in: FlowRing(capacity: 1)).isAtEnd)
    }

    static func flow(_ number: Int, of pod: String) -> Flow {
        var flow = flow(number)
        flow.source.pod = pod
        return flow
    }

    @Test("D: one pod's flood pushes out no other pod's flows")
    func shares() {
        var ring = FlowRing(capacity: 100)
        for number in 0..<10 { ring.append(Self.flow(number, of: "calm")) }
        for number in 0..<20 { ring.append(Self.flow(number, of: "other")) }
        var follower = FlowCursor(FlowRequest(follow: true), in: ring)
        for number in 0..<10_000 { ring.append(Self.flow(number, of: "loud")) }
        let kept = ring.page(from: 0, atMost: 1000).entries
        #expect(kept.count == 100 && kept.map(\.number) == kept.map(\.number).sorted())
        #expect(kept.filter { $0.flow.source.pod == "calm" }.count == 10)
        #expect(kept.filter { $0.flow.source.pod == "other" }.count == 20)
        #expect(kept.last?.number == ring.end - 1)
        #expect(kept.suffix(70).map(\.flow.transport.destinationPort) == (9930..<10_000).map { UInt16($0) })
        // Who follows is told of what the flood pushed out of its own.
        let steps = follower.consume(ring.page(from: follower.next, atMost: 5))
        #expect(steps.first == .lost(9930) && steps.count == 6 && follower.next == 9965)
        // Who asks for what there is is not told of what he did not ask for.
        #expect(answers(FlowRequest(), ring).count == 100)
        var reader = FlowCursor(FlowRequest(), in: ring)
        #expect(
            !reader.consume(ring.page(from: reader.next, atMost: 1000)).contains {
                if case .lost = $0 { true } else { false }
            })
    }

    @Test("many pods with a flow each: the oldest goes, in the time that one takes")
    func manyPods() {
        var ring = FlowRing(capacity: 50)
        for number in 0..<20_000 { ring.append(Self.flow(number, of: "pod\(number)")) }
        #expect(answers(FlowRequest(), ring, page: 7) == (19_950..<20_000).map { UInt16($0) })
    }

    @Test("who is too slow is told how many went by")
    func lost() {
        var ring = Self.ring(2, capacity: 4)
        var follower = FlowCursor(FlowRequest(follow: true), in: ring)
        var reader = FlowCursor(FlowRequest(), in: ring)
        for number in 2..<9 { ring.append(Self.flow(number)) }
        #expect(follower.consume(ring.page(from: 2, atMost: 2)) == [.lost(3), .flow(5, index: 0), .flow(6, index: 1)])
        #expect(
            follower.consume(ring.page(from: follower.next, atMost: 9)) == [.flow(7, index: 0), .flow(8, index: 1)])
        #expect(reader.consume(ring.page(from: 0, atMost: 9)) == [.lost(2)] && reader.isAtEnd)
    }
}
