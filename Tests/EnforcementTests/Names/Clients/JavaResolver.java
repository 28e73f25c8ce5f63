import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Java's resolver: the C library's by one call, and a socket of both families. */
class JavaResolver {
    static void sendAtOnce(InetAddress address) {
        String outcome = "ok";
        try (DatagramSocket sender = new DatagramSocket()) {
            sender.send(new DatagramPacket(new byte[] {'x'}, 1, address, 9));
        } catch (IOException error) {
            outcome = "denied";
        }
        // As RFC 5952 has it: zeros are left out.
        String text = address.getHostAddress().replaceFirst("(:0)+:", "::");
        System.out.println(text + " " + outcome);
    }

    public static void main(String[] names) {
        for (String name : names) {
            try {
                for (InetAddress address : InetAddress.getAllByName(name)) sendAtOnce(address);
            } catch (UnknownHostException error) {
                System.out.println(error);
            }
        }
    }
}
