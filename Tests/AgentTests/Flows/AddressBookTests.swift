import Agent
import PolicyCompiler
import PolicyModel
import Testing

@Suite("Whose an address is")
struct AddressBookTests {
    static let address = IPAddress("10.0.0.1")!

    static func record(
        _ name: String, _ addresses: [String] = ["10.0.0.1"], hostNetwork: Bool = false, finished: Bool = false
    ) -> PodRecord {
        PodRecord(
            Pod(
                key: NamespacedName("shop", name), hostNetwork: hostNetwork, finished: finished,
                addresses: addresses.map { IPAddress($0)! }))
    }

    static func book(_ changes: (PodRecord?, PodRecord?)...) -> AddressBook {
        var book = AddressBook()
        var names = ClusterMetadataDelta()
        names.pods = changes.map { ClusterMetadataDelta.Change(old: $0.0, new: $0.1) }
        book.apply(names)
        return book
    }

    func owner(_ book: AddressBook) -> String? { book.pod(Self.address)?.key.name }

    @Test("the newest has it, and who goes frees only its own")
    func reuse() {
        let (old, new) = (Self.record("old"), Self.record("new"))
        #expect(owner(Self.book((nil, old), (nil, new))) == "new")
        #expect(owner(Self.book((nil, old), (nil, new), (old, nil))) == "new")
        #expect(owner(Self.book((nil, old), (nil, new), (old, Self.record("old")))) == "new")
        #expect(owner(Self.book((nil, old), (nil, new), (new, nil))) == nil)
        let again = Self.record("old")
        #expect(owner(Self.book((nil, old), (nil, new), (new, nil), (old, again))) == "old")
        #expect(owner(Self.book((nil, old), (old, again), (again, nil))) == nil)
    }

    @Test("a pod of the host's network, or one that is finished, has none")
    func noPeers() {
        let old = Self.record("a")
        #expect(owner(Self.book((nil, Self.record("a", hostNetwork: true)))) == nil)
        #expect(owner(Self.book((nil, Self.record("a", finished: true)))) == nil)
        #expect(owner(Self.book((nil, old), (old, Self.record("a", finished: true)))) == nil)
    }

    @Test("a pod that moves has its new addresses alone")
    func moves() {
        let (old, new) = (Self.record("a", ["10.0.0.1", "fd00::1"]), Self.record("a", ["10.0.0.2", "fd00::1"]))
        let book = Self.book((nil, old), (old, new))
        #expect(book.pod(Self.address) == nil)
        #expect(book.pod(IPAddress("10.0.0.2")!) == new.pod && book.pod(IPAddress("fd00::1")!) == new.pod)
    }

    @Test("services and nodes come and go the same way")
    func others() {
        func service(_ name: String) -> Service {
            Service(key: NamespacedName("shop", name), addresses: [Self.address], ports: [], selector: nil)
        }
        var book = AddressBook()
        var names = ClusterMetadataDelta()
        names.services = [
            .init(old: nil, new: service("a")), .init(old: nil, new: service("b")), .init(old: service("a"), new: nil),
        ]
        let node = Node(name: "n", addresses: [Self.address])
        names.nodes = [.init(old: nil, new: node)]
        book.apply(names)
        #expect(book.service(Self.address)?.name == "b" && book.node(Self.address) == "n")
        names = ClusterMetadataDelta()
        names.services = [.init(old: service("b"), new: nil)]
        names.nodes = [.init(old: node, new: nil)]
        book.apply(names)
        #expect(book.service(Self.address) == nil && book.node(Self.address) == nil)
    }
}
