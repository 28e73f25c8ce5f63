public import PolicyModel

/// From the bytes of a manifest file to the objects of the model.
public struct ManifestReader: Sendable {
    private let documents: DocumentReader
    private let decoder = ObjectDecoder(honoursCgroupAnnotation: true)

    public init(limits: TextLimits = TextLimits()) {
        documents = DocumentReader(limits: limits)
    }

    /// - Parameter file: the file's name, for diagnostics.
    /// - Throws: `TextError` if the file is broken as a whole. An object that
    ///   cannot be read is told of in the result instead.
    public func read(_ bytes: [UInt8], file: String) throws(TextError) -> Manifest {
        var manifest = Manifest()
        for raw in try documents.read(bytes) {
            let (object, diagnostics) = decoder.decode(raw.value, origin: file)
            manifest.diagnostics += diagnostics
            if manifest.cut == nil, let reason = raw.value.whyCut(object) {
                manifest.cut = TextError(line: raw.line, column: 1, "this document may be cut off: \(reason)")
            }
            if let object {
                manifest.objects.append(
                    Manifest.Entry(object: object, origin: raw.line > 0 ? "\(file):\(raw.line)" : file))
            }
        }
        return manifest
    }
}

/// What one file says.
public struct Manifest: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public var object: ClusterObject
        /// File and line, for instance `web.yaml:12`.
        public var origin: String
    }

    /// In the file's order; the same object may be there twice.
    public var objects: [Entry] = []
    public var diagnostics: [Diagnostic] = []
    /// The first document that looks like the beginning of another one, as a file that is being written has it last.
    public var cut: TextError?

    public init() {}
}
