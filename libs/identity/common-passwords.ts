/** The passwords that head every published list, as far as they have the length we ask for; compared in lower case. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `12345678 123456789 1234567890 password password1 password12 password123 passw0rd p@ssw0rd p@ssword qwertyui qwertyuiop
  qwerty123 qwerty12 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 zaq12wsx iloveyou iloveyou1 sunshine sunshine1 princess princess1
  football football1 baseball baseball1 superman superman1 trustno1 welcome1 welcome123 welcome12 letmein1 letmein123
  whatever starwars computer michelle jennifer jordan23 corvette mercedes maverick bigdaddy internet hello123 liverpool
  chocolate butterfly abcd1234 abc12345 abcdefgh asdfghjk asdfghjkl asdf1234 aa123456 a1b2c3d4 11111111 00000000 88888888
  66666666 12341234 123123123 987654321 87654321 123454321 147258369 qazwsxedc changeme changeme1 changeme123 administrator
  admin123 admin1234 admin12345 root1234 test1234 testtest guest123 secret123 secret12 dragon123 monkey123 master123
  shadow123 killer123 pokemon1 pokemon123 samsung1 google123 facebook facebook1 linkedin linkedin1 dropbox1 adobe123
  photoshop 1234qwer qwer1234 q1w2e3r4 q1w2e3r4t5 zxcvbnm1 zxcvbnm123 1234abcd passport password! password1! p@ssw0rd1
  winter2024 winter2025 winter2026 summer2024 summer2025 summer2026 spring2025 spring2026 autumn2025 autumn2026`
    .split(/\s+/)
    .filter((word) => word !== ''),
);
