/* What clouds write into the firmware of their machines: SMBIOS types 1, 0 and 3, as
 * systemd-detect-virt and cloud-init know them. Asks nobody. */
#include "core/snapshot/cloud_host.h"

#include <string.h>

static const struct {
	const char *cloud, *guards;
	/* Each that is given must be contained; NULL: any. */
	const char *vendor, *product, *bios, *asset;
} clouds[] = {
	{"Amazon EC2", "its security groups and network ACLs", "Amazon EC2", NULL, NULL,
	 NULL},
	{"Amazon EC2", "its security groups and network ACLs", NULL, NULL, ".amazon", NULL},
	{"Google Cloud", "its VPC firewall rules", NULL, "Google Compute Engine", NULL,
	 NULL},
	{"Microsoft Azure", "its network security groups", "Microsoft", NULL, NULL,
	 "7783-7084-3265-9085-8269-3286-77"},
	{"DigitalOcean", "its cloud firewalls", "DigitalOcean", NULL, NULL, NULL},
	{"Hetzner Cloud", "its firewalls", "Hetzner", NULL, NULL, NULL},
	{"Oracle Cloud", "its security lists and network security groups", NULL, NULL, NULL,
	 "OracleCloud"},
	{"Alibaba Cloud", "its security groups", "Alibaba", NULL, NULL, NULL},
	{"OpenStack", "its security groups", "OpenStack", NULL, NULL, NULL},
	{"OpenStack", "its security groups", NULL, "OpenStack", NULL, NULL},
	{"Vultr", "its firewall groups", "Vultr", NULL, NULL, NULL},
	{"Scaleway", "its security groups", "Scaleway", NULL, NULL, NULL},
};

static bool fits(struct text said, const char *wanted)
{
	return !wanted || text_contains_nocase(said, text_of(wanted));
}

const char *cloud_of_host(struct text vendor, struct text product, struct text bios,
			  struct text asset)
{
	for (size_t i = 0; i < sizeof(clouds) / sizeof(*clouds); i++)
		if (fits(vendor, clouds[i].vendor) && fits(product, clouds[i].product) &&
		    fits(bios, clouds[i].bios) && fits(asset, clouds[i].asset))
			return clouds[i].cloud;
	return NULL;
}

const char *cloud_guards(const char *cloud)
{
	for (size_t i = 0; i < sizeof(clouds) / sizeof(*clouds); i++)
		if (!strcmp(clouds[i].cloud, cloud))
			return clouds[i].guards;
	return "its firewall";
}
