/** Invented names, and how Northwind Ferries makes logins and addresses of them. */

export const firstNames = (
  "Ada Aisha Albert Amara Anders Anna Arthur Astrid Ben Bianca Björn Bridget Carl Carmen Chloë Clara Daniel Daria David Deepa Edith Elif Emil Emma Erik Esther Fatima Felix Fiona Frank " +
  "Freya George Grace Greta Hana Hannah Harriet Hugo Ibrahim Ida Imani Inés Ivan Jack Jana Jasmine Joan Johan Jonas José Julia Karim Kasper Kate Keiko Lars Laura Lea Leo Lina Louis Lucía " +
  "Mads Maja Malik Marek Maria Martha Mateo Maya Mia Miguel Milan Mohammed Nadia Naomi Nils Nina Noah Nora Olga Oliver Omar Oskar Otto Paula Pedro Petra Priya Rahul Rebecca René Rosa Ruth " +
  "Sami Sara Sean Selma Simon Siân Sofia Stefan Sven Tariq Tara Teresa Thea Thomas Tomás Ursula Vera Victor Viola Walter Wendy William Xenia Yara Yusuf Zainab Zoë Zuzana"
).split(" ");

export const surnames = (
  "Abbott Ahmed Andersson Baker Bauer Becker Bennett Berg Bianchi Brandt Brown Carlsson Castro Chandra Clarke Cooper Costa Cruz Dahl Davies Dubois Eriksen Evans Ferrari Fischer Fletcher Fontaine " +
  "Foster Garcia Gibson Gomez Graham Green Gupta Haas Hall Hansen Harris Hartmann Hassan Hill Hoffmann Holm Hughes Hussain Ivanova Jackson Jansen Jensen Johansson Jones Kaur Keller Khan King " +
  "Klein Koch Kovács Kowalski Kumar Larsen Laurent Lee Lehmann Lewis Lindberg Lopez Lund Maier Marino Marsh Martin Meyer Mills Moore Moreau Morgan Müller Murphy Nguyen Nielsen Novak Nyström " +
  "Olsen Osei Parker Patel Pereira Petersen Phillips Popescu Rahman Ramos Reid Reyes Richter Rivera Roberts Rossi Roux Ryan Sato Schmidt Schneider Schröder Scott Shah Sharma Silva Singh Smit Söderberg " +
  "Stewart Suzuki Svensson Takahashi Taylor Thomsen Torres Turner Varga Vargas Vogel Wagner Walker Watson Weber Wilson Winkler Wolf Wood Wright Yamada Yılmaz Young Zimmermann"
).split(" ");

/** The first people of every sample: names that have broken directory tools before. Two of them are the same. */
export const awkwardNames: readonly (readonly [string, string])[] = [
  ["Anna", "Berg"],
  ["Anna", "Berg"],
  ["Conor", "O'Neil"],
  ["Thomas", "Carter, Jr."],
  ["Lucía", "García Márquez"],
  ["Harriet", "Smith-Jones"],
  ["Łukasz", "Żak"],
  ["Søren", "Ødegård"],
  ["Jan", "van der Berg"],
  ["Zoë", "Weiß"],
  ["Siân", "D'Arcy"],
  ["Ngọc", "Nguyễn"],
];

/** Names for tests that ask for them: each is a joiner. What AD cannot hold (the 300 characters) must park one person and nobody else. */
export const hardNames: readonly (readonly [string, string])[] = [
  ['Ro"bert', 'Qu"ote'],
  ["Back", "Sl\\ash"],
  ["#Hash", "Tag"],
  [" Leading", "Space "],
  ["Emoji", "😀 Smile"],
  ["דוד", "כהן"],
  ["</pre>", "<script>alert(1)</script>"],
  ["@team", "Mention | Pipe"],
  ["Plus+", "Less<Greater>;=Semi"],
  ["Long", "Ab".repeat(147)],
];

const special: Record<string, string> = { ł: "l", ø: "o", ß: "ss", æ: "ae", œ: "oe", đ: "d", ð: "d", þ: "th", ı: "i", å: "a" };

/** Letters and digits of the ASCII alphabet, in lower case; what has no likeness is dropped. */
function ascii(text: string): string {
  return text
    .toLowerCase()
    .replace(/[łøßæœđðþıå]/gu, (letter) => special[letter] ?? "")
    .normalize("NFD")
    .replace(/[^a-z0-9]/gu, "");
}

/** `ada.example@corp.example.com`; the second of a name gets a 2. Names without a Latin letter are called person<id>. */
export function addressOf(first: string, last: string, id: number, taken: Set<string>): string {
  const words = [ascii(first).slice(0, 30), ascii(last).slice(0, 30)].filter(Boolean);
  const stem = words.length > 0 ? words.join(".") : `person${id}`;
  return unique(stem, taken, 60);
}

/** First letter and surname, at most 20 characters. */
export function loginOf(first: string, last: string, id: number, taken: Set<string>): string {
  return unique(`${ascii(first).slice(0, 1)}${ascii(last)}`.slice(0, 20) || `p${id}`, taken, 20);
}

function unique(stem: string, taken: Set<string>, longest: number): string {
  let name = stem;
  for (let number = 2; taken.has(name); number++) name = `${stem.slice(0, longest - String(number).length)}${number}`;
  taken.add(name);
  return name;
}
