// Go's own resolver, which asks for A and AAAA from two sockets at once.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
)

func sendAtOnce(address net.IP) {
	outcome := "denied"
	if sender, err := net.DialUDP("udp", nil, &net.UDPAddr{IP: address, Port: 9}); err == nil {
		if _, err := sender.Write([]byte("x")); err == nil {
			outcome = "ok"
		}
	}
	fmt.Println(address, outcome)
}

func main() {
	resolver := net.Resolver{PreferGo: true}
	for _, name := range os.Args[1:] {
		found, err := resolver.LookupIPAddr(context.Background(), name)
		if err != nil {
			fmt.Println(err)
		}
		for _, address := range found {
			sendAtOnce(address.IP)
		}
	}
}
