"""The facts behind `places.py`: the country of every region, and jurisdictions as sets of countries.

To add a region: one code in the row of its country. What is not named here is outside every jurisdiction.
"""

from __future__ import annotations

from collections.abc import Mapping

# From knowledge, not read again (2026-11-24): the EU's 27 members; the EEA is the EU and three states of EFTA.
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
JURISDICTIONS: Mapping[str, frozenset[str]] = {
    "eu": frozenset(_EU.split()),
    "eea": frozenset(_EU.split()) | {"IS", "LI", "NO"},
    "uk": frozenset({"GB"}),
    "ch": frozenset({"CH"}),
    "us": frozenset({"US"}),
    "ca": frozenset({"CA"}),
    "br": frozenset({"BR"}),
    "in": frozenset({"IN"}),
    "au": frozenset({"AU"}),
    "jp": frozenset({"JP"}),
    "kr": frozenset({"KR"}),
    "sg": frozenset({"SG"}),
}

# Country of each region. AWS: the codes and descriptions of the partitions aws, aws-cn, aws-us-gov and aws-eusc in
# botocore 1.44.5, read 2026-11-24. Google Cloud: from knowledge of its list of regions, not read again;
# asia-southeast3 from a release note of 2026-01-20.
# Local zones are not here on purpose: us-east-1-bue-1a lies in Argentina, so only a region's own zones follow it.
AWS: Mapping[str, str] = {
    "AE": "me-central-1",
    "AU": "ap-southeast-2 ap-southeast-4",
    "BH": "me-south-1",
    "BR": "sa-east-1",
    "CA": "ca-central-1 ca-west-1",
    "CH": "eu-central-2",
    "CL": "sa-west-1",
    "CN": "cn-north-1 cn-northwest-1",
    "DE": "eu-central-1 eusc-de-east-1",
    "ES": "eu-south-2",
    "FR": "eu-west-3",
    "GB": "eu-west-2",
    "HK": "ap-east-1",
    "ID": "ap-southeast-3",
    "IE": "eu-west-1",
    "IL": "il-central-1",
    "IN": "ap-south-1 ap-south-2",
    "IT": "eu-south-1",
    "JP": "ap-northeast-1 ap-northeast-3",
    "KR": "ap-northeast-2",
    "MX": "mx-central-1",
    "MY": "ap-southeast-5",
    "NZ": "ap-southeast-6",
    "SA": "me-west-1",
    "SE": "eu-north-1",
    "SG": "ap-southeast-1",
    "TH": "ap-southeast-7",
    "TW": "ap-east-2",
    "US": "us-east-1 us-east-2 us-west-1 us-west-2 us-gov-east-1 us-gov-west-1",
    "ZA": "af-south-1",
}
GCP: Mapping[str, str] = {
    "AU": "australia-southeast1 australia-southeast2",
    "BE": "europe-west1",
    "BR": "southamerica-east1",
    "CA": "northamerica-northeast1 northamerica-northeast2",
    "CH": "europe-west6",
    "CL": "southamerica-west1",
    "DE": "europe-west3 europe-west10",
    "ES": "europe-southwest1",
    "FI": "europe-north1",
    "FR": "europe-west9",
    "GB": "europe-west2",
    "HK": "asia-east2",
    "ID": "asia-southeast2",
    "IL": "me-west1",
    "IN": "asia-south1 asia-south2",
    "IT": "europe-west8 europe-west12",
    "JP": "asia-northeast1 asia-northeast2",
    "KR": "asia-northeast3",
    "MX": "northamerica-south1",
    "NL": "europe-west4",
    "PL": "europe-central2",
    "QA": "me-central1",
    "SA": "me-central2",
    "SE": "europe-north2",
    "SG": "asia-southeast1",
    "TH": "asia-southeast3",
    "TW": "asia-east1",
    "US": "us-central1 us-east1 us-east4 us-east5 us-south1 us-west1 us-west2 us-west3 us-west4",
    "ZA": "africa-south1",
}

# ISO 3166-1 alpha-2, compared on 2026-11-24 with pycountry 26.2.16. `UK` is not among them: the United Kingdom is GB.
COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
    GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
    MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
    TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split()
)
