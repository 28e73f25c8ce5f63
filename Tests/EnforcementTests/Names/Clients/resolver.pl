# A resolver whose answers a test chooses by name, over UDP and TCP at port 53.
#   nN.cC.wild.example.com    C addresses from 11.0.0.0 + N * C on
#   nN.slow.wild.example.com  one, a second later
#   api.example.com           11.0.0.1
#   W.attacker.example        TXT: half of it, and when there is a file W the rest, which begins with what
#                             would be an answer for api.example.com
use strict;
use Socket;
use IO::Socket::INET;
use Time::HiRes qw(time sleep);
my ($directory) = @ARGV;
$SIG{CHLD} = 'IGNORE';

sub question {
    my ($message) = @_;
    my ($at, @labels) = (12);
    while (my $size = ord substr($message, $at, 1)) {
        push @labels, substr($message, $at + 1, $size);
        $at += $size + 1;
    }
    return (lc join('.', @labels), unpack('n', substr($message, $at + 1, 2)), substr($message, 12, $at - 7));
}

sub record { my ($type, $data) = @_; return pack('nnnNn', 0xc00c, $type, 1, 300, length $data) . $data }

sub message {
    my ($id, $question, @records) = @_;
    return $id . pack('nnnnn', 0x8180, 1, scalar @records, 0, 0) . $question . join('', @records);
}

sub address { return record(1, pack('N', 0x0b000000 + $_[0])) }

# The message, and after how many seconds.
sub answer {
    my ($query) = @_;
    my ($name, $type, $question) = question($query);
    my ($id, @records) = (substr($query, 0, 2));
    if ($type == 1) {
        @records = address(1) if $name eq 'api.example.com';
        @records = map { address($1 * $2 + $_) } 0 .. $2 - 1 if $name =~ /^n(\d+)\.c(\d+)\./;
        @records = address($1) if $name =~ /^n(\d+)\.slow\./;
    }
    return (message($id, $question, @records), $name =~ /\.slow\./ ? 1 : 0);
}

sub framed { return pack('n', length $_[0]) . $_[0] }

# 51 KB of TXT, cut where its text would be an answer.
sub stalling {
    my ($query) = @_;
    my ($name, $type, $question) = question($query);
    my $asked = "\3api\7example\3com\0\0\1\0\1";
    my $lie = framed(message("\1\2", $asked, record(1, inet_aton('11.0.0.66'))));
    my $zeros = chr(255) . "\0" x 255;
    my $before = $zeros x 99 . chr(255);
    my $after = $lie . "\0" x (255 - length $lie) . $zeros x 100;
    my $whole = framed(message(substr($query, 0, 2), $question, record(16, $before . $after)));
    my $cut = length($whole) - length($after);
    return (substr($whole, 0, $cut), substr($whole, $cut));
}

sub take {
    my ($client, $size) = @_;
    my $bytes = '';
    while (length $bytes < $size) { sysread($client, $bytes, $size - length $bytes, length $bytes) or return }
    return $bytes;
}

sub serve {
    my ($client) = @_;
    setsockopt($client, 6, 1, 1); # TCP_NODELAY
    while (1) {
        my $size = take($client, 2) or return;
        my $query = take($client, unpack('n', $size)) or return;
        my ($name, $type) = question($query);
        if ($name =~ /^(\w+)\.attacker\.example$/ && $type == 16) {
            my ($first, $rest) = stalling($query);
            next_to($client, $first, $rest, "$directory/$1");
            return;
        }
        my ($message) = answer($query);
        syswrite($client, framed($message));
    }
}

# Another process has the patience.
sub next_to {
    my ($client, $first, $rest, $file) = @_;
    return if fork;
    syswrite($client, $first);
    sleep 0.01 until -e $file;
    syswrite($client, $rest);
    sysread($client, my $end, 1);
    exit;
}

my $udp = IO::Socket::INET->new(Proto => 'udp', LocalPort => 53) or die $!;
setsockopt($udp, SOL_SOCKET, 33, 8 << 20);
my $tcp = IO::Socket::INET->new(Proto => 'tcp', LocalPort => 53, Listen => 4096, ReuseAddr => 1) or die $!;
my @late;
while (1) {
    my $wanted = '';
    vec($wanted, fileno $udp, 1) = 1;
    vec($wanted, fileno $tcp, 1) = 1;
    select($wanted, undef, undef, @late ? 0.001 : undef);
    while (@late && $late[0][0] <= time) {
        my (undef, $peer, $message) = @{shift @late};
        send($udp, $message, 0, $peer);
    }
    if (vec($wanted, fileno $udp, 1) && (my $peer = recv($udp, my $query, 4096, 0))) {
        my ($message, $delay) = answer($query);
        if ($delay) { push @late, [time + $delay, $peer, $message] } else { send($udp, $message, 0, $peer) }
    }
    if (vec($wanted, fileno $tcp, 1)) {
        my $client = $tcp->accept;
        serve($client) if $client;
        close $client if $client;
    }
}
