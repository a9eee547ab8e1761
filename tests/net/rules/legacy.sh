# Legacy tables of both families: every part of an entry's head, verdicts, chains, matches, targets.
set -e
for i in iptables-legacy ip6tables-legacy; do
	$i -P INPUT DROP
	$i -N web
	$i -N deep
	$i -A INPUT -i lo -j ACCEPT
	$i -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	$i -A INPUT -i eth+ -p tcp -m tcp --dport 80 -j web
	$i -A INPUT ! -i srv0 -p udp -m udp ! --dport 53 -m comment --comment 'no names' -g deep
	$i -A INPUT -p tcp -m multiport --dports 22,8000:8080 --syn -j ACCEPT
	$i -A INPUT -p tcp --dport 25 -j REJECT --reject-with tcp-reset
	$i -A web -p tcp -m tcp --tcp-flags SYN,ACK SYN -j deep
	$i -A web -j RETURN
	$i -A web -j ACCEPT
	$i -A deep -j DROP
	$i -A FORWARD ! -p 132 -j RETURN
	$i -t raw -A PREROUTING -p udp --dport 161 -j CT --notrack
	$i -t mangle -A OUTPUT -p tcp --sport 80 -j MARK --set-mark 7
	$i -t nat -A PREROUTING -p tcp --dport 8443 -j REDIRECT --to-ports 443
	$i -t nat -A POSTROUTING -o eth1 -j MASQUERADE
	$i -t security -A INPUT -m mark --mark 9 -j DROP
done
iptables-legacy -A INPUT -s 10.0.0.0/8 -d 192.0.2.0/28 -p icmp --icmp-type echo-request -j ACCEPT
iptables-legacy -A INPUT ! -s 10.9.0.3 -f -j DROP
ip6tables-legacy -A INPUT -s 2001:db8::/32 ! -d 2001:db8::5 -p icmpv6 --icmpv6-type 128 -j ACCEPT
