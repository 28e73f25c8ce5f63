import PolicyModel

/// Columns of text that share the page's width; cells that are too long wrap. Each cell is one line
/// of printable characters.
struct Table {
    var header: [String]
    var rows: [[String]] = []

    init(_ header: [String]) { self.header = header }

    mutating func add(_ cells: [String]) { rows.append(cells.map(\.printable)) }

    func print(width: Int = Page.width) {
        for line in text(width: width) { Swift.print(line) }
    }

    /// Its lines; where there are no rows, it says so.
    func text(width: Int) -> [String] { rows.isEmpty ? ["none"] : lines(width: width) }

    private static let gap = 2

    func lines(width: Int) -> [String] {
        let all = [header] + rows
        let widths = widths(all, page: width)
        return all.flatMap { row -> [String] in
            let cells = zip(row, widths).map { Page.wrap($0, width: $1) }
            return (0..<(cells.map(\.count).max() ?? 0)).map { number in
                var line = ""
                for (column, cell) in cells.enumerated() {
                    let text = number < cell.count ? cell[number] : ""
                    line += text + String(repeating: " ", count: max(0, widths[column] - text.count) + Self.gap)
                }
                return Page.trimmed(line)
            }
        }
    }

    /// The widest columns give way first, but none below its longest piece.
    private func widths(_ all: [[String]], page: Int) -> [Int] {
        var widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        let least = header.indices.map { column in
            all.flatMap { Page.pieces($0[column]) }.map { Page.trimmed(String($0)).count }.max() ?? 0
        }
        while widths.reduce(0, +) + Self.gap * (widths.count - 1) > page,
            let widest = widths.indices.filter({ widths[$0] > least[$0] }).max(by: { widths[$0] < widths[$1] })
        {
            widths[widest] -= 1
        }
        return widths
    }
}
