# The shape of what ufw makes with iptables-nft.
set -e
for i in iptables-nft ip6tables-nft; do
	c=ufw; [ $i = iptables-nft ] || c=ufw6
	for chain in before-input user-input after-input logging-deny user-limit; do
		$i -N $c-$chain
	done
	$i -P INPUT DROP
	$i -A INPUT -j $c-before-input
	$i -A INPUT -j $c-after-input
	$i -A $c-before-input -i lo -j ACCEPT
	$i -A $c-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	$i -A $c-before-input -m conntrack --ctstate INVALID -j $c-logging-deny
	$i -A $c-before-input -m conntrack --ctstate INVALID -j DROP
	$i -A $c-before-input -j $c-user-input
	$i -A $c-user-input -p tcp --dport 22 -m comment --comment 'dapp_OpenSSH' -j ACCEPT
	$i -A $c-user-input -p tcp -m multiport --dports 80,443 -m comment --comment 'dapp_Nginx%20Full' -j ACCEPT
	$i -A $c-user-input -p tcp --dport 2222 -m conntrack --ctstate NEW -m recent --set
	$i -A $c-user-input -p tcp --dport 2222 -m conntrack --ctstate NEW -m recent --update --seconds 30 --hitcount 6 -j $c-user-limit
	$i -A $c-user-limit -m limit --limit 3/min -j LOG --log-prefix '[UFW LIMIT BLOCK] '
	$i -A $c-user-limit -j REJECT
	$i -A $c-after-input -p udp --dport 137 -j DROP
	$i -A $c-logging-deny -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix '[UFW BLOCK] '
done
iptables-nft -A ufw-user-input -s 203.0.113.0/24 -j DROP
iptables-nft -A ufw-after-input -m addrtype --dst-type BROADCAST -j DROP
