import PacketLab

/// Questions that a test puts together itself, in perl.
extension NameScene {
    /// Subs of perl: `query(id, name, type)`; `over_tcp(name, type)` and `over_udp(name)`, which give the answer;
    /// `flow(address)`, which sends there and tells whether it could.
    static let asking = """
        sub query { my ($id, $name, $type) = @_;
          my $m = pack('nnnnnn', $id, 0x100, 1, 0, 0, 1);
          $m .= pack('C', length) . $_ for split /\\./, $name;
          return $m . pack('C nn', 0, $type, 1) . pack('C n n N n', 0, 41, 4096, 0, 0) }
        sub dial { socket(my $s, PF_INET, SOCK_STREAM, 0) or die;
          connect($s, pack_sockaddr_in(53, inet_aton('\(resolver)'))) or die "dial: $!"; return $s }
        sub ask { my ($s, $name, $type) = @_; my $q = query(int rand 65536, $name, $type);
          syswrite($s, pack('n', length $q) . $q) }
        sub hear { my ($s) = @_; my $m = '';
          while (length $m < 2 || length $m < 2 + unpack('n', $m)) { sysread($s, $m, 65536, length $m) or return }
          return substr($m, 2) }
        sub over_tcp { my $s = dial(); ask($s, @_); return hear($s) }
        sub over_udp { socket(my $s, PF_INET, SOCK_DGRAM, 0);
          send($s, query(int rand 65536, $_[0], 1), 0, pack_sockaddr_in(53, inet_aton('\(resolver)')));
          recv($s, my $m, 65536, 0); return $m }
        sub flow { socket(my $s, PF_INET, SOCK_DGRAM, 0);
          return connect($s, pack_sockaddr_in(9, $_[0])) && defined send($s, 'x', 0) }
        sub number { return pack('N', 0x0b000000 + $_[0]) }

        """

    /// Asks for so many names of so many addresses each, sends to one of these right after the answer, and tells
    /// how many of that passed.
    ///
    /// - Parameters:
    ///   - how: in perl: asks for `$name`, and gives what is false if there is no answer.
    ///   - first: the number of the first name.
    func passes(
        _ how: String, names: Int, addresses: Int, first: Int = 0, options: String = "timeout:2 edns0"
    ) throws -> String {
        try perl(
            Self.asking + """
                my ($passed, $unanswered) = (0, 0);
                for my $n (\(first) .. \(first + names - 1)) {
                  my $name = "n$n.c\(addresses).wild.example.com";
                  my $answer = do { \(how) };
                  ++$unanswered unless $answer;
                  ++$passed if flow(number($n * \(addresses) + $n % \(addresses)));
                }
                print "$passed of \(names)", $unanswered ? ", $unanswered unanswered" : '';
                """, seconds: 300, options: options)
    }
}
