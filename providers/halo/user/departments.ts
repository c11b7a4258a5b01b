/**
 * The department of a Halo user: the text `department` is made of the rows of `departments` (UserDepartment of Halo's contracts since 2024),
 * which are what can be written. Whose row says `is_manager` manages that department: such a row is nobody's place of work, and stays.
 */
import { z } from "zod";
import { rowsOf } from "../../../base/rows.ts";
import { same } from "../../../base/text.ts";
import { optionalFlag, optionalNumber, optionalText, type Row } from "../../../clients/halo/decode.ts";
import { instanceOf } from "../../../clients/halo/instance.ts";
import { departmentNamed, teams } from "../agent/read.ts";
import type { HaloLists } from "../record.ts";
import { departmentField } from "./fields.ts";

const schema = z.looseObject({
  id: optionalNumber,
  department_id: optionalNumber,
  department_name: optionalText,
  is_manager: optionalFlag,
});
type Department = z.infer<typeof schema>;
type User = { readonly [field: string]: unknown };

const rowsIn = (user: User): Department[] | undefined =>
  Array.isArray(user["departments"]) ? rowsOf(schema, user["departments"], "departments of Halo's users") : undefined;
const ownIn = (rows: readonly Department[]): Department[] => rows.filter((row) => !row.is_manager);

/** Names with commas between them; of a Halo that gives no rows its text. */
export function departmentOf(user: User): string {
  const rows = rowsIn(user);
  if (!rows) return (optionalText.safeParse(user[departmentField]).data ?? "").trim();
  const names = ownIn(rows).map((row) => row.department_name.trim());
  return names.join(", ");
}

/**
 * What to write so that somebody is in this department and in no other; "" is none.
 * @param partly row by row, where the release has that
 * @throws RefusedError for a department that no team of Halo is in
 */
export async function departmentChange(
  halo: HaloLists,
  user: User | undefined,
  wished: string,
  partly: boolean,
  whose: string,
): Promise<Row> {
  const have = user ? (rowsIn(user) ?? []) : [];
  const going = ownIn(have).filter((row) => !same(row.department_name, wished));
  const isThere = wished === "" || ownIn(have).length > going.length;
  const added: Row[] = isThere ? [] : [{ department_id: departmentNamed(await teams(halo), wished, whose, "mappings/halo-users.yaml") }];
  if (user && partly && going.every((row) => row.id > 0) && (await instanceOf(halo)).has("add_departments"))
    return {
      ...(added.length > 0 ? { add_departments: added } : {}),
      ...(going.length > 0 ? { delete_departments: going.map(({ id }) => ({ id })) } : {}),
    };
  return going.length + added.length > 0 ? { departments: [...have.filter((row) => !going.includes(row)), ...added] } : {};
}
