import PacketLab
import PolicyModel
import Testing

/// Two pods and the world outside, without any program attached.
@Suite(.serialized) struct ConversationTests {
    let lab: Lab
    let web: PodProcess
    let database: PodProcess

    init() throws {
        lab = try Lab()
        let network = try lab.network()
        web = try lab.start(
            "web", in: lab.cgroup("kubepods/web/main"), network.host("web", "10.1.0.1", "fd01::1"))
        database = try lab.start(
            "database", in: lab.cgroup("kubepods/database/main"),
            network.host("database", "10.1.0.2", "fd01::2", "169.254.169.254", "fd00:ec2::254"))
    }

    @Test("TCP and UDP", arguments: ["10.1.0.2", "fd01::2", "169.254.169.254", "fd00:ec2::254"])
    func tcpAndUDP(to address: String) throws {
        let server = Endpoint(address, 5432)
        let ipv4 = server.address.isIPv4
        try database.serveEcho(ipv4 ? .tcp4 : .tcp6, at: server)
        try database.serveEcho(ipv4 ? .udp4 : .udp6, at: server)

        #expect(try web.run(.tcpConnect(to: server, timeoutMs: 1000)).result == .ok)
        #expect(try web.run(.tcpExchange(to: server, bytes: [7], timeoutMs: 1000)).bytes == [7])
        #expect(try web.run(.udpExchange(to: server, bytes: [8], timeoutMs: 1000)).bytes == [8])
        #expect(try web.ping(server.address).result == .ok)
        #expect(try web.ping(server.address, raw: false).result == .ok)

        let (socket, response) = try web.connect(to: server)
        #expect(response.result == .ok)
        #expect(try web.roundTrip(socket) == .ok)
        let closed = Endpoint(address, 5433)
        #expect(try web.run(.tcpConnect(to: closed, timeoutMs: 1000)).result == .refused)
        lab.close()
    }

    @Test("mapped addresses and Fast Open") func mappedAddressesAndFastOpen() throws {
        let server = Endpoint("10.1.0.2", 80)
        try database.serveEcho(.tcp6, at: Endpoint("::", 80), .ipv6Only(false), .fastOpenQueue(16))
        try database.serveEcho(.udp6, at: Endpoint("::", 80), .ipv6Only(false))
        let (socket, response) = try web.connect(.tcp6, to: server)
        #expect(response.result == .ok)
        #expect(try web.roundTrip(socket) == .ok)

        let udp = try web.open(.udp6)
        try web.demand(.sendTo(udp, server, bytes: [5], fastOpen: false))
        #expect(try web.run(.receive(udp, timeoutMs: 1000)).bytes == [5])

        let fast = try web.open(.tcp4)
        #expect(try web.run(.sendTo(fast, server, bytes: [6], fastOpen: true)).result == .ok)
        #expect(try web.run(.receive(fast, timeoutMs: 1000)).bytes == [6])

        let multipath = try web.connect(.mptcp4, to: server)
        #expect(multipath.response.result == .ok)
        #expect(try web.roundTrip(multipath.id) == .ok)
        lab.close()
    }

    @Test("listener that disconnects and connects out") func listenerThatDisconnectsAndConnectsOut() throws {
        try database.serveEcho(.tcp4, at: Endpoint("10.1.0.2", 80))
        let listener = try web.open(.tcp4, .reuseAddress)
        try web.demand(.bind(listener, Endpoint("10.1.0.1", 8080)))
        try web.demand(.listen(listener, backlog: 1))
        let (client, response) = try database.connect(to: Endpoint("10.1.0.1", 8080))
        #expect(response.result == .ok)
        let accepted = web.newSocketID()
        #expect(try web.run(.accept(listener, as: accepted, timeoutMs: 1000)).peer?.port != nil)
        try database.demand(.send(client, bytes: [1], timeoutMs: 1000))
        #expect(try web.run(.receive(accepted, timeoutMs: 1000)).bytes == [1])

        try web.demand(.disconnect(listener))
        let out = try web.run(.connect(listener, to: Endpoint("10.1.0.2", 80), timeoutMs: 1000))
        #expect(out.result == .ok)
        #expect(try web.roundTrip(listener) == .ok)
        lab.close()
    }

    @Test("sockets go from process to process") func socketsGoFromProcessToProcess() throws {
        try database.serveEcho(.tcp4, at: Endpoint("10.1.0.2", 80))
        let (socket, _) = try web.connect(to: Endpoint("10.1.0.2", 80))
        let path = "\(lab.directory)/socket"
        try web.demand(.offer(socket, path: path))
        let stranger = try lab.start(
            "stranger", in: lab.cgroup("kubepods/stranger"), lab.namespace("stranger"))
        let taken = stranger.newSocketID()
        try stranger.demand(.take(taken, path: path, timeoutMs: 1000))
        #expect(try stranger.roundTrip(taken) == .ok)
        lab.close()
    }

    @Test("child namespace speaks through its pod") func childNamespaceSpeaksThroughItsPod() throws {
        try database.serveEcho(.tcp6, at: Endpoint("::", 80), .ipv6Only(false))
        let network = try lab.network("inner")
        let pod = try network.host("pod", "10.2.0.1", "fd02::1")
        let other = try lab.start(
            "other", in: lab.cgroup("kubepods/other"), network.host("other", "10.2.0.2", "fd02::2"))
        try other.serveEcho(.tcp6, at: Endpoint("::", 80), .ipv6Only(false))
        let child = try lab.childNamespace("child", of: pod, "10.2.9.9", "fd02::9")
        let process = try lab.start("parent", in: lab.cgroup("kubepods/parent"), pod)
        for address in ["10.2.0.2", "fd02::2"] {
            let connect = Request.tcpConnect(to: Endpoint(address, 80), timeoutMs: 2000)
            #expect(try process.run(.inside(namespace: child.path, connect)).result == .ok)
        }
        lab.close()
    }
}
