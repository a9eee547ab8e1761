"""Cases of diagnose: healthy hosts on which the traces of a fault stand: old ones, or those of somebody else."""
from caselib import Case, healthy, input_chain

OTHERS = "10.0.0.1 {} --source 10.0.0.3 --every 0.3"


CASES = [
    Case("trap: nobody listens on another port, which others try", "answered", healthy(), noise=(OTHERS.format(8443),)),
    Case("trap: a stopped process serves another port", "answered", healthy(), services=("443", "8443 --manner stopped"),
         noise=(OTHERS.format(8443),)),
    Case("trap: a process without descriptors serves another port", "answered", healthy(),
         services=("443", "8443 --manner no-files"), noise=(OTHERS.format(8443),)),
    Case("trap: another client's packets are rejected with a reset", "answered", healthy(), noise=(OTHERS.format(443),),
         nft=input_chain("ip saddr 10.0.0.3 tcp dport 443 counter reject with tcp reset")),
    Case("trap: the answers to another client are dropped", "answered", healthy(), noise=(OTHERS.format(443),),
         nft="table inet f { chain o { type filter hook output priority 0;\n"
             "ip daddr 10.0.0.3 tcp sport 443 counter drop\n} }"),
    Case("trap: another client has no way back", "answered", healthy(), noise=(OTHERS.format(443),),
         server="ip route add blackhole 10.0.0.3/32"),
    Case("trap: datagrams to the same port are dropped", "answered", healthy(), noise=("10.0.0.1 443 --udp --source "
         "10.0.0.3 --every 0.3",), nft=input_chain("udp dport 443 counter drop")),
    Case("trap: an old count of a rule that no longer meets it", "answered", healthy(),
         nft=input_chain("tcp dport 443 ct state established counter packets 900 bytes 54000 accept\n"
                         "ip saddr 10.0.0.9 tcp dport 443 counter packets 900 bytes 54000 drop")),
    Case("trap: a translation of the port for somebody else", "answered", healthy(), noise=(OTHERS.format(443),),
         nft="table ip nat { chain pre { type nat hook prerouting priority dstnat;\n"
             "ip saddr 10.0.0.3 tcp dport 443 redirect to :9\n} }"),
    Case("trap: a second listener of the port on loopback", "answered", healthy(),
         services=("443 --address 10.0.0.1", "443 --address 127.0.0.1 --manner stopped")),
    Case("trap: a second listener of the port in another namespace", "answered", healthy(),
         services=("443", "@apart 443 --manner stopped")),
]
