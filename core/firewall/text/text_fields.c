/* Tables of fields and keys. nft(8) PAYLOAD EXPRESSIONS; linux/netfilter/nf_tables.h. */
#include "core/firewall/text/text_fields.h"

#include <netinet/in.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/text/text_values.h"

#define FIELDS_END            \
	{                     \
		NULL, 0, 0, 0 \
	}

static const struct text_field ether[] = {{"ether daddr", 0, 48, TEXT_TYPE_ETHER},
					  {"ether saddr", 48, 48, TEXT_TYPE_ETHER},
					  {"ether type", 96, 16, TEXT_TYPE_ETHERTYPE},
					  FIELDS_END};
static const struct text_field vlan[] = {{"vlan pcp", 112, 3, TEXT_TYPE_INTEGER},
					 {"vlan dei", 115, 1, TEXT_TYPE_INTEGER},
					 {"vlan id", 116, 12, TEXT_TYPE_INTEGER},
					 {"vlan type", 128, 16, TEXT_TYPE_ETHERTYPE},
					 FIELDS_END};
static const struct text_field arp[] = {{"arp htype", 0, 16, TEXT_TYPE_INTEGER},
					{"arp ptype", 16, 16, TEXT_TYPE_ETHERTYPE},
					{"arp hlen", 32, 8, TEXT_TYPE_INTEGER},
					{"arp plen", 40, 8, TEXT_TYPE_INTEGER},
					{"arp operation", 48, 16, TEXT_TYPE_ARPOP},
					{"arp saddr ether", 64, 48, TEXT_TYPE_ETHER},
					{"arp saddr ip", 112, 32, TEXT_TYPE_IPV4},
					{"arp daddr ether", 144, 48, TEXT_TYPE_ETHER},
					{"arp daddr ip", 192, 32, TEXT_TYPE_IPV4},
					FIELDS_END};
static const struct text_field ip[] = {{"ip version", 0, 4, TEXT_TYPE_INTEGER},
				       {"ip hdrlength", 4, 4, TEXT_TYPE_INTEGER},
				       {"ip dscp", 8, 6, TEXT_TYPE_DSCP},
				       {"ip ecn", 14, 2, TEXT_TYPE_ECN},
				       {"ip length", 16, 16, TEXT_TYPE_INTEGER},
				       {"ip id", 32, 16, TEXT_TYPE_INTEGER},
				       {"ip frag-off", 48, 16, TEXT_TYPE_INTEGER},
				       {"ip ttl", 64, 8, TEXT_TYPE_INTEGER},
				       {"ip protocol", 72, 8, TEXT_TYPE_PROTO},
				       {"ip checksum", 80, 16, TEXT_TYPE_INTEGER},
				       {"ip saddr", 96, 32, TEXT_TYPE_IPV4},
				       {"ip daddr", 128, 32, TEXT_TYPE_IPV4},
				       FIELDS_END};
static const struct text_field ip6[] = {{"ip6 version", 0, 4, TEXT_TYPE_INTEGER},
					{"ip6 dscp", 4, 6, TEXT_TYPE_DSCP},
					{"ip6 ecn", 10, 2, TEXT_TYPE_ECN},
					{"ip6 flowlabel", 12, 20, TEXT_TYPE_INTEGER},
					{"ip6 length", 32, 16, TEXT_TYPE_INTEGER},
					{"ip6 nexthdr", 48, 8, TEXT_TYPE_PROTO},
					{"ip6 hoplimit", 56, 8, TEXT_TYPE_INTEGER},
					{"ip6 saddr", 64, 128, TEXT_TYPE_IPV6},
					{"ip6 daddr", 192, 128, TEXT_TYPE_IPV6},
					FIELDS_END};
static const struct text_field tcp[] = {{"tcp sport", 0, 16, TEXT_TYPE_SERVICE},
					{"tcp dport", 16, 16, TEXT_TYPE_SERVICE},
					{"tcp sequence", 32, 32, TEXT_TYPE_INTEGER},
					{"tcp ackseq", 64, 32, TEXT_TYPE_INTEGER},
					{"tcp doff", 96, 4, TEXT_TYPE_INTEGER},
					{"tcp reserved", 100, 4, TEXT_TYPE_INTEGER},
					{"tcp flags", 104, 8, TEXT_TYPE_TCP_FLAG},
					{"tcp window", 112, 16, TEXT_TYPE_INTEGER},
					{"tcp checksum", 128, 16, TEXT_TYPE_INTEGER},
					{"tcp urgptr", 144, 16, TEXT_TYPE_INTEGER},
					FIELDS_END};
static const struct text_field udp[] = {{"udp sport", 0, 16, TEXT_TYPE_SERVICE},
					{"udp dport", 16, 16, TEXT_TYPE_SERVICE},
					{"udp length", 32, 16, TEXT_TYPE_INTEGER},
					{"udp checksum", 48, 16, TEXT_TYPE_INTEGER},
					FIELDS_END};
static const struct text_field udplite[] = {{"udplite sport", 0, 16, TEXT_TYPE_SERVICE},
					    {"udplite dport", 16, 16, TEXT_TYPE_SERVICE},
					    {"udplite csumcov", 32, 16, TEXT_TYPE_INTEGER},
					    {"udplite checksum", 48, 16, TEXT_TYPE_INTEGER},
					    FIELDS_END};
static const struct text_field sctp[] = {{"sctp sport", 0, 16, TEXT_TYPE_SERVICE},
					 {"sctp dport", 16, 16, TEXT_TYPE_SERVICE},
					 {"sctp vtag", 32, 32, TEXT_TYPE_INTEGER},
					 {"sctp checksum", 64, 32, TEXT_TYPE_INTEGER},
					 FIELDS_END};
static const struct text_field dccp[] = {{"dccp sport", 0, 16, TEXT_TYPE_SERVICE},
					 {"dccp dport", 16, 16, TEXT_TYPE_SERVICE},
					 FIELDS_END};
static const struct text_field icmp[] = {{"icmp type", 0, 8, TEXT_TYPE_ICMP_TYPE},
					 {"icmp code", 8, 8, TEXT_TYPE_ICMP_CODE},
					 {"icmp checksum", 16, 16, TEXT_TYPE_INTEGER},
					 {"icmp id", 32, 16, TEXT_TYPE_INTEGER},
					 {"icmp sequence", 48, 16, TEXT_TYPE_INTEGER},
					 {"icmp gateway", 32, 32, TEXT_TYPE_INTEGER},
					 FIELDS_END};
static const struct text_field icmp6[] = {{"icmpv6 type", 0, 8, TEXT_TYPE_ICMP6_TYPE},
					  {"icmpv6 code", 8, 8, TEXT_TYPE_ICMP6_CODE},
					  {"icmpv6 checksum", 16, 16, TEXT_TYPE_INTEGER},
					  {"icmpv6 id", 32, 16, TEXT_TYPE_INTEGER},
					  {"icmpv6 sequence", 48, 16, TEXT_TYPE_INTEGER},
					  FIELDS_END};
static const struct text_field igmp[] = {{"igmp type", 0, 8, TEXT_TYPE_IGMP_TYPE},
					 {"igmp mrt", 8, 8, TEXT_TYPE_INTEGER},
					 {"igmp checksum", 16, 16, TEXT_TYPE_INTEGER},
					 {"igmp group", 32, 32, TEXT_TYPE_INTEGER},
					 FIELDS_END};
static const struct text_field ah[] = {{"ah nexthdr", 0, 8, TEXT_TYPE_PROTO},
				       {"ah hdrlength", 8, 8, TEXT_TYPE_INTEGER},
				       {"ah reserved", 16, 16, TEXT_TYPE_INTEGER},
				       {"ah spi", 32, 32, TEXT_TYPE_INTEGER},
				       {"ah sequence", 64, 32, TEXT_TYPE_INTEGER},
				       FIELDS_END};
static const struct text_field esp[] = {{"esp spi", 0, 32, TEXT_TYPE_INTEGER},
					{"esp sequence", 32, 32, TEXT_TYPE_INTEGER},
					FIELDS_END};
static const struct text_field comp[] = {{"comp nexthdr", 0, 8, TEXT_TYPE_PROTO},
					 {"comp flags", 8, 8, TEXT_TYPE_INTEGER},
					 {"comp cpi", 16, 16, TEXT_TYPE_INTEGER},
					 FIELDS_END};
static const struct text_field th[] = {{"th sport", 0, 16, TEXT_TYPE_SERVICE},
				       {"th dport", 16, 16, TEXT_TYPE_SERVICE},
				       FIELDS_END};

static const struct text_field hbh[] = {{"hbh nexthdr", 0, 8, TEXT_TYPE_PROTO},
					{"hbh hdrlength", 8, 8, TEXT_TYPE_INTEGER},
					FIELDS_END};
static const struct text_field rt[] = {{"rt nexthdr", 0, 8, TEXT_TYPE_PROTO},
				       {"rt hdrlength", 8, 8, TEXT_TYPE_INTEGER},
				       {"rt type", 16, 8, TEXT_TYPE_INTEGER},
				       {"rt seg-left", 24, 8, TEXT_TYPE_INTEGER},
				       FIELDS_END};
static const struct text_field frag[] = {{"frag nexthdr", 0, 8, TEXT_TYPE_PROTO},
					 {"frag reserved", 8, 8, TEXT_TYPE_INTEGER},
					 {"frag frag-off", 16, 13, TEXT_TYPE_INTEGER},
					 {"frag reserved2", 29, 2, TEXT_TYPE_INTEGER},
					 {"frag more-fragments", 31, 1, TEXT_TYPE_INTEGER},
					 {"frag id", 32, 32, TEXT_TYPE_INTEGER},
					 FIELDS_END};
static const struct text_field dst[] = {{"dst nexthdr", 0, 8, TEXT_TYPE_PROTO},
					{"dst hdrlength", 8, 8, TEXT_TYPE_INTEGER},
					FIELDS_END};
static const struct text_field mh[] = {{"mh nexthdr", 0, 8, TEXT_TYPE_PROTO},
				       {"mh hdrlength", 8, 8, TEXT_TYPE_INTEGER},
				       {"mh type", 16, 8, TEXT_TYPE_INTEGER},
				       {"mh reserved", 24, 8, TEXT_TYPE_INTEGER},
				       {"mh checksum", 32, 16, TEXT_TYPE_INTEGER},
				       FIELDS_END};

static const struct text_field *const fields[N_TEXT_HEADERS] = {
	[HEADER_ETHER] = ether, [HEADER_VLAN] = vlan,       [HEADER_ARP] = arp,
	[HEADER_IP] = ip,       [HEADER_IP6] = ip6,         [HEADER_TCP] = tcp,
	[HEADER_UDP] = udp,     [HEADER_UDPLITE] = udplite, [HEADER_SCTP] = sctp,
	[HEADER_DCCP] = dccp,   [HEADER_ICMP] = icmp,       [HEADER_ICMP6] = icmp6,
	[HEADER_IGMP] = igmp,   [HEADER_AH] = ah,           [HEADER_ESP] = esp,
	[HEADER_COMP] = comp,   [HEADER_TH] = th,           [HEADER_HBH] = hbh,
	[HEADER_RT] = rt,       [HEADER_FRAG] = frag,       [HEADER_DST] = dst,
	[HEADER_MH] = mh,
};

enum text_header text_header_of_ethertype(unsigned ethertype)
{
	switch (ethertype) {
	case 0x0800:
		return HEADER_IP;
	case 0x86dd:
		return HEADER_IP6;
	case 0x0806:
		return HEADER_ARP;
	case 0x8100:
	case 0x88a8:
		return HEADER_VLAN;
	default:
		return HEADER_UNKNOWN;
	}
}

enum text_header text_header_of_proto(unsigned proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return HEADER_TCP;
	case IPPROTO_UDP:
		return HEADER_UDP;
	case IPPROTO_UDPLITE:
		return HEADER_UDPLITE;
	case IPPROTO_SCTP:
		return HEADER_SCTP;
	case IPPROTO_DCCP:
		return HEADER_DCCP;
	case IPPROTO_ICMP:
		return HEADER_ICMP;
	case IPPROTO_ICMPV6:
		return HEADER_ICMP6;
	case IPPROTO_IGMP:
		return HEADER_IGMP;
	case IPPROTO_AH:
		return HEADER_AH;
	case IPPROTO_ESP:
		return HEADER_ESP;
	case IPPROTO_COMP:
		return HEADER_COMP;
	default:
		return HEADER_UNKNOWN;
	}
}

enum text_header text_header_of_extension(unsigned type)
{
	switch (type) {
	case IPPROTO_HOPOPTS:
		return HEADER_HBH;
	case IPPROTO_ROUTING:
		return HEADER_RT;
	case IPPROTO_FRAGMENT:
		return HEADER_FRAG;
	case IPPROTO_DSTOPTS:
		return HEADER_DST;
	case IPPROTO_MH:
		return HEADER_MH;
	default:
		return HEADER_UNKNOWN;
	}
}

const char *text_extension_word(enum text_header h)
{
	static const char *const words[N_TEXT_HEADERS] = {[HEADER_HBH] = "hbh",
							  [HEADER_RT] = "rt",
							  [HEADER_FRAG] = "frag",
							  [HEADER_DST] = "dst",
							  [HEADER_MH] = "mh"};

	return words[h];
}

const struct text_field *text_field_at(enum text_header h, unsigned offset,
				       unsigned max_bits)
{
	const struct text_field *f = fields[h], *found = NULL;

	for (; f && f->name; f++) {
		if (f->offset == offset && f->bits <= max_bits &&
		    (!found || f->bits > found->bits))
			found = f;
	}
	return found;
}

const struct text_field *text_field_part(enum text_header h, unsigned offset, unsigned bits)
{
	const struct text_field *f = fields[h];

	for (; f && f->name; f++) {
		if (f->offset == offset && f->bits > bits)
			return f;
	}
	return NULL;
}

struct text_key text_meta_key(uint32_t key)
{
	static const struct text_key keys[] = {
		[NFT_META_LEN] = {"length", TEXT_TYPE_INTEGER, false},
		[NFT_META_PROTOCOL] = {"protocol", TEXT_TYPE_ETHERTYPE, false},
		[NFT_META_PRIORITY] = {"priority", TEXT_TYPE_CLASSID, false},
		[NFT_META_MARK] = {"mark", TEXT_TYPE_MARK, false},
		[NFT_META_IIF] = {"iif", TEXT_TYPE_IFINDEX, true},
		[NFT_META_OIF] = {"oif", TEXT_TYPE_IFINDEX, true},
		[NFT_META_IIFNAME] = {"iifname", TEXT_TYPE_IFNAME, true},
		[NFT_META_OIFNAME] = {"oifname", TEXT_TYPE_IFNAME, true},
		[NFT_META_IIFTYPE] = {"iiftype", TEXT_TYPE_ARPHRD, false},
		[NFT_META_OIFTYPE] = {"oiftype", TEXT_TYPE_ARPHRD, false},
		[NFT_META_SKUID] = {"skuid", TEXT_TYPE_UID, false},
		[NFT_META_SKGID] = {"skgid", TEXT_TYPE_GID, false},
		[NFT_META_NFTRACE] = {"nftrace", TEXT_TYPE_INTEGER, false},
		[NFT_META_RTCLASSID] = {"rtclassid", TEXT_TYPE_REALM, false},
		[NFT_META_SECMARK] = {"secmark", TEXT_TYPE_INTEGER, false},
		[NFT_META_NFPROTO] = {"nfproto", TEXT_TYPE_NFPROTO, false},
		[NFT_META_L4PROTO] = {"l4proto", TEXT_TYPE_PROTO, false},
		[NFT_META_BRI_IIFNAME] = {"ibrname", TEXT_TYPE_IFNAME, false},
		[NFT_META_BRI_OIFNAME] = {"obrname", TEXT_TYPE_IFNAME, false},
		[NFT_META_PKTTYPE] = {"pkttype", TEXT_TYPE_PKTTYPE, false},
		[NFT_META_CPU] = {"cpu", TEXT_TYPE_INTEGER, false},
		[NFT_META_IIFGROUP] = {"iifgroup", TEXT_TYPE_DEVGROUP, true},
		[NFT_META_OIFGROUP] = {"oifgroup", TEXT_TYPE_DEVGROUP, true},
		[NFT_META_CGROUP] = {"cgroup", TEXT_TYPE_INTEGER, false},
		[NFT_META_PRANDOM] = {"random", TEXT_TYPE_INTEGER, false},
		[NFT_META_SECPATH] = {"ipsec", TEXT_TYPE_BOOLEAN, false},
		[NFT_META_IIFKIND] = {"iifkind", TEXT_TYPE_IFNAME, false},
		[NFT_META_OIFKIND] = {"oifkind", TEXT_TYPE_IFNAME, false},
		[NFT_META_BRI_IIFPVID] = {"ibrpvid", TEXT_TYPE_INTEGER, false},
		[NFT_META_BRI_IIFVPROTO] = {"ibrvproto", TEXT_TYPE_ETHERTYPE, false},
		[NFT_META_TIME_NS] = {"time", TEXT_TYPE_TIME_DATE, false},
		[NFT_META_TIME_DAY] = {"day", TEXT_TYPE_TIME_DAY, false},
		[NFT_META_TIME_HOUR] = {"hour", TEXT_TYPE_TIME_HOUR, false},
		[NFT_META_SDIF] = {"sdif", TEXT_TYPE_IFINDEX, false},
		[NFT_META_SDIFNAME] = {"sdifname", TEXT_TYPE_IFNAME, false},
	};

	return key < sizeof(keys) / sizeof(*keys) ? keys[key] : (struct text_key){0};
}

struct text_key text_ct_key(uint32_t key)
{
	static const struct text_key keys[] = {
		[NFT_CT_STATE] = {"state", TEXT_TYPE_CT_STATE, false},
		[NFT_CT_DIRECTION] = {"direction", TEXT_TYPE_CT_DIR, false},
		[NFT_CT_STATUS] = {"status", TEXT_TYPE_CT_STATUS, false},
		[NFT_CT_MARK] = {"mark", TEXT_TYPE_MARK, false},
		[NFT_CT_SECMARK] = {"secmark", TEXT_TYPE_INTEGER, false},
		[NFT_CT_EXPIRATION] = {"expiration", TEXT_TYPE_TIME, false},
		[NFT_CT_HELPER] = {"helper", TEXT_TYPE_STRING, false},
		[NFT_CT_L3PROTOCOL] = {"l3proto", TEXT_TYPE_NFPROTO, false},
		[NFT_CT_SRC] = {"saddr", TEXT_TYPE_NONE, false},
		[NFT_CT_DST] = {"daddr", TEXT_TYPE_NONE, false},
		[NFT_CT_PROTOCOL] = {"protocol", TEXT_TYPE_PROTO, false},
		[NFT_CT_PROTO_SRC] = {"proto-src", TEXT_TYPE_SERVICE, false},
		[NFT_CT_PROTO_DST] = {"proto-dst", TEXT_TYPE_SERVICE, false},
		[NFT_CT_LABELS] = {"label", TEXT_TYPE_CT_LABEL, false},
		[NFT_CT_PKTS] = {"packets", TEXT_TYPE_INTEGER, false},
		[NFT_CT_BYTES] = {"bytes", TEXT_TYPE_INTEGER, false},
		[NFT_CT_AVGPKT] = {"avgpkt", TEXT_TYPE_INTEGER, false},
		[NFT_CT_ZONE] = {"zone", TEXT_TYPE_INTEGER, false},
		[NFT_CT_EVENTMASK] = {"event", TEXT_TYPE_INTEGER, false},
		[NFT_CT_SRC_IP] = {"ip saddr", TEXT_TYPE_IPV4, false},
		[NFT_CT_DST_IP] = {"ip daddr", TEXT_TYPE_IPV4, false},
		[NFT_CT_SRC_IP6] = {"ip6 saddr", TEXT_TYPE_IPV6, false},
		[NFT_CT_DST_IP6] = {"ip6 daddr", TEXT_TYPE_IPV6, false},
		[NFT_CT_ID] = {"id", TEXT_TYPE_INTEGER, false},
	};

	return key < sizeof(keys) / sizeof(*keys) ? keys[key] : (struct text_key){0};
}
