"""Addresses that a webhook must never be sent to.

The vectors follow the families 1 to 5 of the list of attacks on callback addresses.
Source: reliability paper, appendix C.
"""

from paydesk import limits

LOOPBACK_SPELLINGS = [
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "127.1",
    "127.0.1",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0X7F000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0x7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.1",
    "0177.0.0.01",
    "00177.0000.0.1",
    "127.0.0.0x1",
    "127.0.1.",
    "127.0.0.1.",
    "①②⑦.0.0.1",
    "①②⑦.⓪.⓪.①",
    "１２７.0.0.1",
    "１２７．０．０．１",
    "127。0。0。1",
    "127｡0｡0｡1",
    "０ｘ7f.1",
    "𝟙𝟚𝟟.0.0.1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::0001]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:7F00:0001]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
]
LOOPBACK_NAMES = [
    "localhost",
    "LOCALHOST",
    "LocalHost",
    "localhost.",
    "shop.localhost",
    "a.b.localhost",
    "shop.localhost.",
    "ⓛocalhost",
    "localhoſt",
    "ｌｏｃａｌｈｏｓｔ",
]
PRIVATE_4 = [
    *("0", "0.0.0.0", "0.0.0.1", "0.255.255.255", "0x0", "000"),
    *("10.0.0.0", "10.0.0.1", "10.255.255.255", "10.1", "167772161", "012.0.0.1", "0xa.1"),
    *("100.64.0.0", "100.100.100.200", "100.127.255.255"),
    *("169.254.0.0", "169.254.169.254", "169.254.255.255", "2852039166", "0xa9fea9fe"),
    *("0251.0376.0251.0376", "169.254.43518", "①⑥⑨.254.169.254"),
    *("172.16.0.0", "172.31.255.255", "172.16.1"),
    *("192.0.0.0", "192.0.0.8", "192.0.0.9", "192.0.0.255"),
    *("192.0.2.0", "192.0.2.255", "192.88.99.0", "192.88.99.255"),
    *("192.168.0.0", "192.168.255.255", "192.168.1", "3232235777", "192.168.0.1."),
    *("198.18.0.0", "198.19.255.255", "198.51.100.0", "198.51.100.255"),
    *("203.0.113.0", "203.0.113.255"),
    *("224.0.0.0", "224.0.0.251", "239.255.255.255"),
    *("240.0.0.0", "255.255.255.254", "255.255.255.255", "4294967295", "0xffffffff"),
]
PRIVATE_6 = [
    *("::", "0:0:0:0:0:0:0:0"),
    *("::127.0.0.1", "::7f00:1", "::10.0.0.1", "::8.8.8.8"),
    *("::ffff:0.0.0.0", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe"),
    *("::ffff:0:127.0.0.1", "::ffff:255.255.255.255"),
    *("fe80::", "fe80::1", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    *("fc00::", "fd00::1", "fd00:ec2::254", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    *("fec0::", "fec0::1", "feff::1", "ff00::", "ff02::1", "ff0e::1", "ffff::1"),
    *("2001:db8::", "2001:db8::1", "2001:db8:ffff::1", "3fff::", "3fff:fff::1"),
    *("5f00::", "5f00:ffff::1", "100::", "100::1", "4000::1", "1::1"),
    *("2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1", "2002:808:808::1"),
    *("2001::1", "2001:0:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe"),
    *("2001:0:808:808:0:0:f5ff:fffe", "2001:2::1", "2001:10::1", "2001:20::1"),
    *("64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b::192.168.1.1", "64:ff9b::0.0.0.0", "64:ff9b::224.0.0.1"),
    *("64:ff9b:1::", "64:ff9b:1::127.0.0.1", "64:ff9b:1::10.0.0.1", "64:ff9b:1::8.8.8.8"),
]
PRIVATE_NAMES = [
    *("intranet", "router", "kubernetes", "metadata", "com", "printer."),
    *("metadata.google.internal", "db.internal", "DB.Internal", "db.internal."),
    *("printer.local", "printer.local.", "router.home.arpa", "host.localdomain"),
]
MALFORMED = [
    *("", "/", "hook", "//shop.example/", "/hook", "?x", "#x", "shop.example", "shop.example:443"),
    *("https:", "https:/", "https://", "https:///", "https:///hook", "https://?x", "https://#x"),
    *("https:shop.example", "https:/shop.example", "https//shop.example", "://shop.example"),
    # user info and tricks with @
    *("https://user@shop.example/", "https://user:pass@shop.example/", "https://@shop.example/"),
    *("https://:@shop.example/", "https://shop.example@127.0.0.1/", "https://a@b@shop.example/"),
    *("https://shop.example:443@127.0.0.1/", "https://127.0.0.1:1@shop.example"),
    *("https://shop.example:80:80/", "https://shop.example＠127.0.0.1/"),
    # backslash, controls, blanks
    *("https:\\\\shop.example", "https:/\\127.0.0.1/", "https://shop.example\\@127.0.0.1/"),
    *("https://shop.example\\.evil.example/", "https://shop.example/a\\b"),
    *("https://shop.example/\t", "https://sh\top.example/", "ht\ntps://shop.example/"),
    *("https://shop.example/\n", "https://shop.example/\r\nHost: x", "\thttps://shop.example/"),
    *(" https://shop.example/", "https://shop.example/ ", "https://shop.example/a b"),
    *("https:// shop.example/", "https://shop.example /", "https://shop.example:443 /"),
    *("https://shop.example/\x00", "https://shop.example\x00.evil.example/", "https://a.b/\x7f"),
    *("https://shop.example/\x85", "https://shop.example/\xa0", "https://shop.example/\u2028"),
    *("https://shop.example/\u202e", "https://shop.example/\u200b", "https://shop.example/\ud800"),
    # fragment and query before the host, percent-encoded hosts
    *("https://#@127.0.0.1/", "https://?@127.0.0.1/"),
    *("https://%31%32%37.0.0.1/", "https://127.0.0.1%2f/", "https://%6cocalhost/"),
    *("https://shop%2eexample/", "https://shop.example%00.evil.example/", "https://sh%E2%93%9Ep/"),
    *("https://127.0.0.\u00ad1/", "https://127.0.0.1\u2060/", "https://local\u200bhost/"),
    # names that are none
    *("https://./", "https://../", "https://.example/", "https://shop..example/"),
    *("https://shop.example../", "https://-shop.example/", "https://shop-.example/"),
    *("https://sh!op.example/", "https://sh,op.example/", "https://shop.example;/"),
    *("https://shop.exam*ple/", "https://sh'op.example/", 'https://sh"op.example/'),
    *("https://<shop.example>/", "https://{shop}.example/", "https://shop|x.example/"),
    *("https://" + "a" * 64 + ".example/", "https://" + "a." * 127 + "example/"),
    *("https://☃☃\u0301.example/", "https://\u0301shop.example/", "https://sh／op.example/"),
    *("https://shop．．example/", "https://" + "ü" * 64 + ".example/"),
    # numbers that are no address, or not everywhere the same one
    *("https://1.2.3.4.5/", "https://256.1.1.1/", "https://4294967296/", "https://08.1/"),
    *("https://0x/", "https://0x1ffffffff/", "https://127.0.0.256/", "https://shop.0x1/"),
    *("https://1.1.1.1.1.1/", "https://shop.123/", "https://1e3.99/"),
    # ports
    *("https://shop.example:/", "https://shop.example:", "https://shop.example:0/"),
    *("https://shop.example:00/", "https://shop.example:65536/", "https://shop.example:99999/"),
    *("https://shop.example:443443/", "https://shop.example:-1/", "https://shop.example:+443/"),
    *("https://shop.example:4４3/", "https://shop.example:https/", "https://shop.example:4.3/"),
    *("https://shop.example:0x1bb/", "https://127.0.0.1:/", "https://[::1]:/", "https://[::1]:0/"),
    # other schemes
    *("ftp://shop.example/", "file:///etc/passwd", "gopher://shop.example/", "ws://shop.example/"),
    *("javascript:alert(1)", "javascript://shop.example/%0aalert(1)", "data:text/html,x"),
    *("dict://127.0.0.1:11211/", "httpsx://shop.example/", "xhttps://shop.example/"),
    *("httpſ://shop.example/", "ｈttps://shop.example/", "mailto:a@shop.example"),
    # brackets and zones
    *("https://::1/", "https://[::1/", "https://::1]/", "https://[]/", "https://[::1]x/"),
    *("https://[::1]127.0.0.1/", "https://[[::1]]/", "https://x[::1]/", "https://[::1]]/"),
    *("https://[127.0.0.1]/", "https://[shop.example]/", "https://[v1.x]/", "https://[:::1]/"),
    *("https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[::1%25lo]/"),
    *("https://[1:2:3:4:5:6:7:8:9]/", "https://[::ffff:127.1]/", "https://[12345::1]/"),
    "https://shop.example/" + "a" * limits.URL_LENGTH_MAX,
]

# All hosts that are not to be reached, as a URL has them.
HOSTS = [
    *LOOPBACK_SPELLINGS,
    *LOOPBACK_NAMES,
    *PRIVATE_4,
    *(f"[{text}]" for text in PRIVATE_6),
    *PRIVATE_NAMES,
]
